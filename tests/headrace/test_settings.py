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
        "NAME": "x",
        "SIZE": "7",
        "ON": "true",
        "HOSTS": "a:1, b:2",
        "SIZES": "1,2",
        "MAYBE": "5",
        "PAIRS": "a.b=1=2, c=",
        "OTHER": "ignored",
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
    given = {"NAME": "x", "SIZE": 7, "ON": True, "PAIRS": ["a=b,c", "d=e"], "HOSTS": ["a,b"]}
    assert read(Settings, given) == Settings(
        name="x", size=7, on=True, pairs={"a": "b,c", "d": "e"}, hosts=("a,b",)
    )


def test_empty_means_unset():
    assert read(Settings, {"NAME": "x", "SIZE": ""}).size == 3


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({}, "NAME"),
        ({"NAME": "x", "SIZE": "seven"}, "SIZE='seven'.*int"),
        ({"NAME": "x", "ON": "maybe"}, "ON='maybe'.*bool"),
        ({"NAME": "x", "SIZES": "1,b"}, "SIZES=.*int"),
        ({"NAME": "x", "PAIRS": "a=b,c"}, "PAIRS: 'c' is not KEY=VALUE"),
        ({"NAME": "x", "SIZE": "101"}, "SIZE must be at most 100"),
    ],
)
def test_a_wrong_value_names_its_variable(environ, complaint):
    with pytest.raises(SettingsError, match=complaint):
        read(Settings, environ)
