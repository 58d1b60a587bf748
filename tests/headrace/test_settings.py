"""The environment becomes a frozen struct, or one line that names the variable."""

from typing import Literal

import msgspec
import pytest

from headrace.errors import SettingsError
from headrace.settings import choices, read, secret


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    size: int = 3
    ratio: float = 0.5
    on: bool = False
    hosts: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    maybe: int | None = None
    pairs: dict[str, str] = msgspec.field(default_factory=dict)
    kinds: tuple[Literal["sns", "s3"], ...] = ()
    start: Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"] | None = None

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


@pytest.mark.parametrize("text", ["LATEST", "latest", "Latest"])
def test_a_choice_is_read_in_any_case(text):
    assert read(Settings, {"HEADRACE_NAME": "x", "HEADRACE_START": text}).start == "LATEST"


@pytest.mark.parametrize(
    ("names", "text"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_choices_are_listed_as_people_do(names, text):
    assert choices(names) == text


def test_each_choice_of_a_list_is_read_in_any_case():
    assert read(Settings, {"HEADRACE_NAME": "x", "HEADRACE_KINDS": "S3, sns"}).kinds == (
        "s3",
        "sns",
    )


def test_empty_means_unset():
    assert read(Settings, {"HEADRACE_NAME": "x", "HEADRACE_SIZE": ""}).size == 3


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({}, "HEADRACE_NAME"),
        ({"HEADRACE_NAME": "x", "HEADRACE_SIZE": "seven"}, "SIZE='seven': expected a whole number"),
        ({"HEADRACE_NAME": "x", "HEADRACE_ON": "maybe"}, "ON='maybe': expected true or false"),
        ({"HEADRACE_NAME": "x", "HEADRACE_SIZES": "1,b"}, "SIZES=.*whole number"),
        ({"HEADRACE_NAME": "x", "HEADRACE_PAIRS": "a=b,c"}, "PAIRS: 'c' is not KEY=VALUE"),
        ({"HEADRACE_NAME": "x", "HEADRACE_PAIRS": "a=b,a=c"}, "PAIRS: a is given twice"),
        ({"HEADRACE_NAME": "x", "HEADRACE_KINDS": "s3,sqs"}, "KINDS='sqs': choose sns or s3"),
        ({"HEADRACE_NAME": "x", "HEADRACE_RATIO": "-inf"}, "RATIO='-inf': expected a number"),
        ({"HEADRACE_NAME": "x", "HEADRACE_RATIO": "NaN"}, "RATIO='NaN': expected a number"),
        (
            {"HEADRACE_NAME": "x", "HEADRACE_START": "EARLIEST"},
            "START='EARLIEST': choose TRIM_HORIZON, LATEST or AT_TIMESTAMP",
        ),
        ({"HEADRACE_NAME": "x", "HEADRACE_SIZE": "101"}, "SIZE must be at most 100"),
        ({"HEADRACE_NAME": "\udcff"}, r"NAME='.udcff': not UTF-8"),
        ({"HEADRACE_NAME": "a\0b"}, "NAME=.*: not text: it holds a NUL"),
        ({"HEADRACE_NAME": "x", "HEADRACE_PAIRS": {"a": "\ud800"}}, "PAIRS=.*not UTF-8"),
        ({"HEADRACE_NAME": "x", "HEADRACE_PAIRS": {"\ud800": "a"}}, "PAIRS=.*not UTF-8"),
        ({"HEADRACE_NAME": "x", "HEADRACE_HOSTS": ["a", "\0"]}, "HOSTS=.*NUL"),
    ],
)
def test_a_wrong_value_names_its_variable(environ, complaint):
    with pytest.raises(SettingsError, match=complaint):
        read(Settings, environ)


@pytest.mark.parametrize("text", ["hush\udcff", "hush\0"])
def test_a_wrong_secret_is_named_and_not_shown(text):
    with pytest.raises(SettingsError, match="HEADRACE_PASSWORD is not") as refused:
        secret("HEADRACE_PASSWORD", {"HEADRACE_PASSWORD": text})
    assert "hush" not in str(refused.value)
    assert secret("HEADRACE_PASSWORD", {}) == ""
