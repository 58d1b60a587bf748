"""A variable that is nearly a setting is told of; others are somebody else's."""

import pytest

from headrace.plan.groups import GROUPS
from headrace.plan.misspelt import misspelt
from headrace.settings import variable


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("HEADRACE_SINK_ULR", "HEADRACE_SINK_URL"),
        ("HEADRACE_BATCHSIZE", "HEADRACE_BATCH_SIZE"),
        ("HEADRACE_DEAD_LETTERS_URL", "HEADRACE_DEAD_LETTER_URL"),
        ("HEADRACE_SASL_PASWORD", "HEADRACE_SASL_PASSWORD"),
        ("HEADRACE_MODEL_ROOTS", "HEADRACE_MODEL_ROOT"),
        ("HEADRACE_SERVE_PROT", "HEADRACE_SERVE_PORT"),
    ],
)
def test_a_letter_off(name, meant):
    assert list(misspelt([name, "PATH"])) == [f"{name} is no setting; {meant} is"]


@pytest.mark.parametrize("name", ["SINK_ULR", "HEADRACE_MSK_CLUSTER_ARN", "HEADRACE_OWN", "PATH"])
def test_a_variable_of_somebody_else(name):
    assert list(misspelt([name])) == []


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.title)
def test_settings_themselves(group):
    assert list(misspelt(map(variable, group.struct().__struct_fields__))) == []
