"""The environment becomes a frozen struct, or one line that names the variable."""

import msgspec
import pytest

from headrace.errors import SettingsError
from headrace.settings import read


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    size: int = 3
    ratio: float = 0.5
    on: bool = False
    hosts: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    maybe: int | None = None
    pairs: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self):
        if self.size > 100:
            raise ValueError("`size` must be at most 100")


def test_values_are_parsed_by_type():
    environ = {
        "HEADRACE_NAME": "x",
        "HEADRACE_SIZE": "7",
        "HEADRACE_ON": "true",
        "HEADRACE_HOSTS": "a:1, b:2",
        "HEADRACE_SIZES": "1,2",
        "HEADRACE_MAYBE": "5",
        "HEADRACE_PAIRS": "a.b=1=2, c=",
        "HEADRACE_OTHER": "ignored",
        "NAME": "somebody else's",
    }
    assert read(Settings, environ) == Settings(
        name="x",
        size=7,
        on=True,
        hosts=("a:1", "b:2"),
        sizes=(1, 2),
        maybe=5,
        pairs={"a.b": "1=2", "c": ""},
    )


def test_values_from_elsewhere_need_not_be_text():
    given = {
        "HEADRACE_NAME": "x",
        "HEADRACE_SIZE": 7,
        "HEADRACE_ON": True,
        "HEADRACE_PAIRS": ["a=b,c", "d=e"],
        "HEADRACE_HOSTS": ["a,b"],
    }
    assert read(Settings, given) == Settings(
        name="x", size=7, on=True, pairs={"a": "b,c", "d": "e"}, hosts=("a,b",)
    )


def test_empty_means_unset():
    assert read(Settings, {"HEADRACE_NAME": "x", "HEADRACE_SIZE": ""}).size == 3


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({}, "HEADRACE_NAME"),
        ({"HEADRACE_NAME": "x", "HEADRACE_SIZE": "seven"}, "SIZE='seven'.*int"),
        ({"HEADRACE_NAME": "x", "HEADRACE_ON": "maybe"}, "ON='maybe'.*bool"),
        ({"HEADRACE_NAME": "x", "HEADRACE_SIZES": "1,b"}, "SIZES=.*int"),
        ({"HEADRACE_NAME": "x", "HEADRACE_PAIRS": "a=b,c"}, "PAIRS: 'c' is not KEY=VALUE"),
        ({"HEADRACE_NAME": "x", "HEADRACE_SIZE": "101"}, "SIZE must be at most 100"),
    ],
)
def test_a_wrong_value_names_its_variable(environ, complaint):
    with pytest.raises(SettingsError, match=complaint):
        read(Settings, environ)
