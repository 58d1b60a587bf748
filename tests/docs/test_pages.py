"""What README and documentation show works as it is shown."""

import ast
import re
import subprocess
from contextlib import ExitStack

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from headrace.testing.schema_registry.server import running_registry
from tests.docs.pages import BROKER, REGISTRY, ROOT, STAND_IN, blocks, matches, shell, told

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

# What cannot run in a test, and what sees to it instead.
ELSEWHERE = {
    "pip install": "tests/install",
    "git clone": "needs the network",
    "make": "the target is there, see below",
    "docker": "needs a Docker daemon; tests/containers builds and runs the images",
    "kubectl": "needs a cluster; tests/deployment checks the manifests",
    "aws": "needs an account",
    "headrace kafka": "tests/integration/test_kafka_command.py",
    "headrace registry": "tests/integration/test_registry_command.py",
    "python -m moto.server": "the tests start it",
}


def is_elsewhere(command):
    return any(command == start or command.startswith(f"{start} ") for start in ELSEWHERE)


def name_of(page):
    return str(page.relative_to(ROOT))


def names(page, address):
    return any(address in block.text for block in blocks(page))


def marks(page):
    named = {BROKER: pytest.mark.kafka, STAND_IN: pytest.mark.kinesis}
    return [mark for address, mark in named.items() if names(page, address)]


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, id=name_of(page), marks=marks(page)) for page in PAGES],
)
def test_a_page_works_as_it_is_shown(page, tmp_path, request, monkeypatch):
    folder = tmp_path / "project"
    folder.mkdir()
    addresses = {}
    if names(page, BROKER):
        addresses[BROKER] = request.getfixturevalue("kafka").bootstrap
        create_topics(page, addresses[BROKER])
    if names(page, STAND_IN):
        addresses[STAND_IN] = request.getfixturevalue("moto_server").removeprefix("http://")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with ExitStack() as stack:
        if REGISTRY in page.read_text():
            url = stack.enter_context(running_registry()).url
            addresses[REGISTRY] = url.removeprefix("http://")
        play(page, folder, addresses)


def play(page, folder, addresses):
    """Write the files of a page, and run its commands."""
    for block in blocks(page):
        if block.title:
            file = folder / block.title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(told(block.text, addresses))
        elif block.language == "console":
            for command, expected in block.commands:
                if not is_elsewhere(command):
                    code, printed = shell(command, folder, addresses)
                    assert code == block.exit, f"$ {command}\n{printed}"
                    assert matches(printed, expected), f"$ {command}\n{printed}"


def create_topics(page, bootstrap):
    """The tests' broker makes none by itself, as the reader's own does."""
    text = page.read_text()
    names = set(re.findall(rf"kafka://{re.escape(BROKER)}/([\w-]+)", text))
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for made in (
        admin.create_topics([NewTopic(name, 1) for name in names]).values() if names else ()
    ):
        made.result()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_python_on_a_page_is_python(page):
    for block in blocks(page):
        if block.language == "python":
            ast.parse(block.text)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_targets_of_make_on_a_page_are_there(page):
    shown = re.findall(r"^\$ make ([a-z-]+)", page.read_text(), re.MULTILINE)
    for target in set(shown):
        done = subprocess.run(
            ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize(
    ("printed", "expected", "fits"),
    [
        ("a\nb\n", ["a", "b"], True),
        ("a 17 ms\n", ["a … ms"], True),
        ("a\nb\nc\n", ["a", "…", "c"], True),
        ("a\nb\n", ["a"], False),
        ("a.c\n", ["abc"], False),
    ],
)
def test_what_is_printed_is_compared(printed, expected, fits):
    assert matches(printed, expected) == fits
