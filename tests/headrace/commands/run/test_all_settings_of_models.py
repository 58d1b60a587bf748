"""Every setting of a model or a picture is a variable, in a template too, and no flag."""

import os
from typing import get_origin

import msgspec
import pytest

from headrace.commands.run.layers import plan_run
from headrace.plan.given import long_flag_of
from headrace.plan.groups import GROUPS
from headrace.settings import read, variable
from tests.support.any_setting import sample, write_template
from tests.support.run import parse


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for name in [name for name in os.environ if name.startswith("HEADRACE_")]:
        monkeypatch.delenv(name)


OTHERS = [
    pytest.param(group, field, id=f"{group.title} {field.name}")
    for group in GROUPS
    if group.command is None
    for field in msgspec.structs.fields(group.struct())
]
every_other_setting = pytest.mark.parametrize(("group", "field"), OTHERS)


@every_other_setting
def test_of_a_model_or_a_picture_it_is_a_variable(group, field):
    text = "h:1" if get_origin(field.type) is tuple else sample(field)
    settings = read(group.struct(), {variable(field.name): text})

    assert getattr(settings, field.name) != field.default


@every_other_setting
def test_of_a_model_or_a_picture_it_is_no_flag(group, field, capsys):
    with pytest.raises(SystemExit) as ended:
        parse("worker", "--kinesis", "s", f"{long_flag_of(field.name)}=1")

    assert ended.value.code == 2
    assert f"unrecognized arguments: {long_flag_of(field.name)}" in capsys.readouterr().err


@every_other_setting
def test_of_a_model_or_a_picture_it_reaches_the_function_from_a_template(group, field, tmp_path):
    template = write_template(tmp_path, variable(field.name), "1", "Kafka")

    assert plan_run(parse(str(template))).environment == {variable(field.name): "1"}
