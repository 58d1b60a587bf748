"""Every setting is a variable, a flag and, in a template, a variable of the function.

Each has its effect there, or is refused where it can have none.
"""

import ast
import os
from pathlib import Path

import msgspec
import pytest

from headrace.commands.run.layers import plan_run
from headrace.errors import SettingsError
from headrace.plan.given import long_flag_of
from headrace.plan.groups import GROUPS
from headrace.plan.plan import OF_THE_WORKER
from headrace.settings import variable
from tests.support.any_setting import sample, write_template
from tests.support.run import parse

ROOT = Path(__file__).parents[4]
SOURCE = {
    "Kafka": ("--kafka", "h:1", "--topic", "t"),
    "Kinesis": ("--kinesis", "s"),
    "SQS": ("--sqs", "q"),
    "DynamoDB": ("--dynamodb", "t"),
}
# Kinesis alone has these; those below go together.
_REGISTRY = {"HEADRACE_SCHEMA_REGISTRY_URL": "http://h"}
SOURCE_OF = {"tumbling_window_in_seconds": "Kinesis", "kpl_deaggregation": "Kinesis"}
BESIDE = {
    "starting_position_timestamp": {"HEADRACE_STARTING_POSITION": "AT_TIMESTAMP"},
    "http_page": {"HEADRACE_HTTP_PORT": "0"},
    "event_record_format": {**_REGISTRY, "HEADRACE_SCHEMA_VALIDATION_ATTRIBUTES": "VALUE"},
    "http_produce": {"HEADRACE_HTTP_PORT": "0", "HEADRACE_HTTP_PAGE": "true"},
    "maximum_retry_attempts": {"HEADRACE_DEAD_LETTER_URL": "file:d"},
    "maximum_record_age_in_seconds": {"HEADRACE_DEAD_LETTER_URL": "file:d"},
}
RUN = [
    pytest.param(group, field, id=f"{group.title} {field.name}")
    for group in GROUPS
    if group.command == "run"
    for field in msgspec.structs.fields(group.struct())
]
every_setting_of_a_run = pytest.mark.parametrize(("group", "field"), RUN)


def source_of(group, field):
    """The flags that say what is read, the setting itself left out."""
    title = SOURCE_OF.get(field.name, group.title if group.title in SOURCE else "Kafka")
    flags = dict(zip(*[iter(SOURCE[title])] * 2, strict=True))
    if field.name != "function":
        flags["--handler"] = "worker"
    alias = {
        "bootstrap_servers": "--kafka",
        "topic": "--topic",
        "stream": "--kinesis",
        "table": "--dynamodb",
        "queue": "--sqs",
    }
    return {flag: value for flag, value in flags.items() if flag != alias.get(field.name)}


def value_of(plan, group, name):
    """The value that the run works with."""
    if group.title in SOURCE:
        return getattr(plan.source(), name)
    return getattr(plan.mapping() if group.title != "Worker" else plan.worker(), name)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for name in [name for name in os.environ if name.startswith("HEADRACE_")]:
        monkeypatch.delenv(name)


@every_setting_of_a_run
def test_it_is_a_flag(group, field, monkeypatch):
    for name, value in BESIDE.get(field.name, {}).items():
        monkeypatch.setenv(name, value)
    source = [part for pair in source_of(group, field).items() for part in pair]
    plan = plan_run(parse(*source, f"{long_flag_of(field.name)}={sample(field)}"))

    assert as_text(value_of(plan, group, field.name)) == sample(field)


@every_setting_of_a_run
def test_it_is_a_variable(group, field, monkeypatch):
    for name, value in BESIDE.get(field.name, {}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(variable(field.name), sample(field))
    source = [part for pair in source_of(group, field).items() for part in pair]
    plan = plan_run(parse(*source))

    assert as_text(value_of(plan, group, field.name)) == sample(field)


def as_text(value):
    """A value as it is written in a variable."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, dict):
        return ",".join(f"{key}={inner}" for key, inner in value.items())
    return f"{value:.10g}" if isinstance(value, float) else str(value)


@every_setting_of_a_run
def test_in_a_template_it_is_a_variable_of_the_function_or_is_refused(
    group, field, monkeypatch, tmp_path
):
    for name, value in BESIDE.get(field.name, {}).items():
        monkeypatch.setenv(name, value)
    title = SOURCE_OF.get(field.name, group.title)
    template = write_template(tmp_path, variable(field.name), sample(field), title)
    plan, refusal = outcome(template)
    if plan is None:
        assert refusal.startswith(f"template.json: F.Environment.{variable(field.name)} ")
        return

    given = plan.given.get(field.name)
    on_sinks_alone = given is None or variable(field.name) not in given.origin
    assert plan.environment[variable(field.name)] == sample(field)
    assert on_sinks_alone or as_text(value_of(plan, group, field.name)) == sample(field)


def outcome(template):
    """The plan of the template, or why it is refused."""
    try:
        return plan_run(parse(str(template))), None
    except SettingsError as error:
        return None, str(error)


@pytest.mark.parametrize("name", OF_THE_WORKER)
def test_a_flag_of_the_worker_is_refused_if_the_function_is_elsewhere(name):
    flag = f"{long_flag_of(name)}=1"
    with pytest.raises(SettingsError, match=f"{long_flag_of(name)} is for a worker in this"):
        plan_run(parse("--function", "http://h", "--kinesis", "s", flag))


def attributes_read():
    """The names of all attributes that the library and the application read."""
    return {
        node.attr
        for folder in ("headrace", "workers", "models")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }


def test_every_setting_is_read_somewhere():
    names = {name for group in GROUPS for name in group.struct().__struct_fields__}

    assert names - attributes_read() == set()
