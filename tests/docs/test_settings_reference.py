"""The page of all settings is made from the code, and prose names settings that there are."""

import importlib.util
import re
from pathlib import Path

import pytest

from headrace.commands.flags import described
from headrace.plan.groups import GROUPS, variables

ROOT = Path(__file__).parents[2]
# Read by the application and by tests, or named as a mistake.
OTHERS = {
    *("HEADRACE_MSK_CLUSTER_ARN", "HEADRACE_MSK_TOPIC", "HEADRACE_TESTING_KAFKA"),
    *("HEADRACE_PICTURES_URL", "HEADRACE_UPLOAD_BUCKETS", "HEADRACE_SINK_ULR"),
}
PROSE = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = [
    pytest.param(text, id=f"{group.title} {name}")
    for group in GROUPS
    for name, text in described(group.struct()).items()
    if name
]


def generator():
    path = ROOT / "docs/settings_reference.py"
    spec = importlib.util.spec_from_file_location("settings_reference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current():
    found = generator()

    assert found.PAGE.read_text() == found.page(), "run python docs/settings_reference.py"


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.title)
def test_every_setting_is_on_the_page(group):
    page = generator().page()

    for name in group.struct().__struct_fields__:
        assert f"`HEADRACE_{name.upper()}`" in page


@pytest.mark.parametrize("text", TEXTS)
def test_every_setting_is_described_by_sentences_that_stand_alone(text):
    assert re.fullmatch(r"[A-Z`].*[.]", text)
    assert "None" not in text


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_prose_names_settings_that_there_are(path):
    named = set(re.findall(r"HEADRACE_[A-Z][A-Z0-9_]*[A-Z0-9]", path.read_text()))

    assert named - variables() - OTHERS == set()
