"""Parameters of a template: what may be given, and what must not be shown."""

import pytest

from headrace.errors import SettingsError
from headrace.sam.parameters import Parameters


@pytest.mark.parametrize(
    ("declared", "given", "complaint"),
    [
        ({"Type": "Number", "MinValue": 1}, "0", "MinValue is 1"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "A", "the pattern is"),
        ({"Type": "String", "AllowedValues": [True, 1]}, "x", "allowed are True, 1"),
        ({"Type": "Number", "NoEcho": True}, "secret", "^--parameter P: not a number$"),
    ],
)
def test_a_parameter_is_checked_as_the_service_does(declared, given, complaint):
    with pytest.raises(SettingsError, match=complaint):
        Parameters({"P": declared}, {"P": given})


def test_an_allowed_value_passes():
    allowed = {"Type": "String", "AllowedValues": [True, 1], "AllowedPattern": "("}
    assert Parameters({"P": allowed}, {"P": "true"}).get("P") == "true"


def test_what_must_not_be_shown_is_known():
    declared = {"P": {"NoEcho": "true", "Default": "d"}, "Q": {"NoEcho": True}, "R": {"NoEcho": 0}}
    assert Parameters(declared, {"Q": "given"}).secrets == {"d", "given"}
