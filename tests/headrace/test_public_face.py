"""The public face: what `__all__` names is there, documented, and nothing else is promised."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

FACES = {
    "headrace": {
        *(
            "Endpoint",
            "ModelWorker",
            "Record",
            "Reject",
            "Reply",
            "WindowWorker",
            "Worker",
            "lambda_handler",
            "once",
        ),
    },
    "headrace.runner": {
        *("DynamoDbSource", "KafkaSource", "KinesisSource", "SqsSource"),
        *("MappingSettings", "Stats", "Stop", "run"),
    },
    "headrace.store": {"Description", "LiveModel", "ModelStore", "Publisher", "Version"},
    "headrace.images": {"ImageError", "ImageLoader", "ImageSettings", "decode"},
    "headrace.sinks": {"Message", "Sink", "open_sink"},
    "headrace.settings": {"read"},
}
PAGE = Path(__file__).parents[2] / "docs/reference/api.md"
NAMES = [(module, name) for module, names in FACES.items() for name in sorted(names)]


@pytest.mark.parametrize("module", FACES)
def test_a_face_names_these_and_no_others(module):
    assert set(importlib.import_module(module).__all__) == FACES[module]
    assert importlib.import_module(module).__doc__


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_what_a_face_names_is_there_and_says_what_it_is(module, name):
    found = getattr(importlib.import_module(module), name)
    assert inspect.getdoc(found)


@pytest.mark.parametrize("module", [*FACES, "headrace.testing"])
def test_all_that_a_face_names_is_in_the_reference(module):
    shown = set(re.findall(r"^::: (\S+)$", PAGE.read_text(), re.MULTILINE))
    face = importlib.import_module(module)
    for name in face.__all__:
        made_in = getattr(face, name).__module__
        assert {made_in, f"{made_in}.{name}"} & shown, name


@pytest.mark.parametrize("module", FACES)
def test_a_face_has_nothing_else(module):
    with pytest.raises(AttributeError):
        _ = importlib.import_module(module).there_is_no_such_name
