"""Any template is run as it says or refused in one clear line: never a traceback."""

import copy
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headrace.cli import main
from headrace.sam.reading import parse
from tests.support.sam import TEMPLATE

VALID = parse(TEMPLATE)
WORDS = [
    "Ref", "Fn::Sub", "Fn::If", "Fn::GetAtt", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Equals",
    "Fn::FindInMap", "Fn::Not", "Fn::And", "Fn::ImportValue", "Fn::ToJsonString", "Fn::Cidr",
    "Condition", "AWS::NoValue", "AWS::StackName", "Orders", "Views", "Clicks", "Batch", "Stage",
    "Live", "Type", "Properties", "Events", "Kinesis", "MSK", "arn:aws:kinesis:r:1:stream/s",
    "arn:aws:sqs:r:1:q", "${Stage}", "${Clicks.Arn}", "a.b", "true", "5", "-1", "", "kafka://t",
    "Topics", "BatchSize", "StartingPosition", "LATEST", "FunctionName", "EventSourceArn",
    '{"value": ["x"]}', "Handler", "Timeout", "Environment", "Variables", "DestinationConfig",
]  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-2, 20_000)
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=3)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS) | st.integers(0, 3), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(node, path=()):
    """The path of every value inside the template."""
    children = node.items() if isinstance(node, dict) else enumerate(node)
    for key, child in children:
        yield (*path, key)
        if isinstance(child, dict | list):
            yield from places(child, (*path, key))


PLACES = sorted(places(VALID), key=str)


def changed(template, path, change, value):
    """The template with one value replaced, removed, wrapped or moved under another key."""
    for key in path[:-1]:
        if not isinstance(template, dict | list) or not _has(template, key):
            return
        template = template[key]
    key = path[-1]
    if not isinstance(template, dict | list) or not _has(template, key):
        return
    if change == "remove":
        del template[key]
    elif change == "wrap":
        template[key] = [template[key], value]
    elif change == "rename" and isinstance(template, dict):
        template[str(value)] = template.pop(key)
    else:
        template[key] = value


def _has(node, key):
    return key in node if isinstance(node, dict) else isinstance(key, int) and key < len(node)


mutations = st.lists(
    st.tuples(
        st.sampled_from(PLACES),
        st.sampled_from(["replace", "remove", "wrap", "rename"]),
        values,
    ),
    min_size=1,
    max_size=4,
)
choices = st.tuples(
    st.sampled_from([None, "Orders", "Views", "ViewsMapping"]),
    st.sampled_from([None, "Kafka", "Clicks"]),
)


@pytest.fixture(autouse=True)
def _plain_environment(own_environment):
    """Nothing that a run sets stays."""


def outcome(folder: Path, text: str, function, event) -> str:
    """What `headrace run … --dry-run` says: the plan, or the one line that refuses it."""
    path = folder / "t.yaml"
    path.write_text(text)
    arguments = ["run", str(path), *([function] if function else [])]
    arguments += ["--dry-run", "--parameter", "Stage=live", *(["--event", event] if event else [])]
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    assert "hunter2" not in out.getvalue() + err.getvalue() or "Password" not in text
    if code == 0:
        return out.getvalue()
    (line,) = err.getvalue().splitlines()
    assert line.startswith("headrace: ")
    return line


@pytest.mark.slow
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(mutations, choices)
def test_a_changed_template(tmp_path, mutations, choices):
    template = copy.deepcopy(VALID)
    for path, change, value in mutations:
        changed(template, path, change, value)
    assert outcome(tmp_path, json.dumps(template), *choices)


@settings(
    max_examples=75, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.fixed_dictionaries(
        {"Resources": st.dictionaries(st.sampled_from(["Orders", "Views", "A"]), values)},
        optional=dict.fromkeys(("Parameters", "Conditions", "Globals", "Mappings"), values),
    ),
    choices,
)
def test_any_structure(tmp_path, template, choices):
    assert outcome(tmp_path, json.dumps(template), *choices).startswith("headrace: ")


@settings(
    max_examples=75, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, len(TEMPLATE)), st.text(max_size=4), st.integers(0, 30), choices)
def test_a_changed_text(tmp_path, at, text, length, choices):
    changed_text = TEMPLATE[:at] + text.replace("\r", "") + TEMPLATE[at + length :]
    assert outcome(tmp_path, changed_text.encode("utf-8", "ignore").decode(), *choices)


@pytest.mark.parametrize(("function", "event"), [("Orders", "Kafka"), ("Orders", "Clicks")])
def test_the_template_itself_is_right(tmp_path, function, event):
    """GIVEN nothing is changed, THEN the oracle above does see a plan and no error."""
    assert outcome(tmp_path, TEMPLATE, function, event).startswith("template: ")
