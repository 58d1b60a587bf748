"""The cost tables of docs/deploy.md: their arithmetic is right and counts what the stack has."""

import re

import pytest

from tests.support.deployment.template import ROOT, load, resources

DOCUMENT = (ROOT / "docs/deploy.md").read_text()
TIMES = "\N{MULTIPLICATION SIGN}"
ROWS = re.findall(rf"^\| (.+) \| ([-+{TIMES}()\d. ]+) \| ([\d.]+) \|$", DOCUMENT, re.MULTILINE)


@pytest.mark.parametrize(("what", "arithmetic", "result"), ROWS, ids=[row[0] for row in ROWS])
def test_arithmetic(what, arithmetic, result):
    value = eval(arithmetic.replace(TIMES, "*"), {"__builtins__": {}})  # digits and operators alone
    assert f"{value:.2f}" == result


def test_every_row_that_ends_in_an_amount_was_read():
    assert len(ROWS) == len(re.findall(r" \| [\d.]+ \|$", DOCUMENT, re.MULTILINE)) > 0


def test_the_idle_stack_is_the_sum_of_its_rows():
    idle = DOCUMENT.split("**The idle stack, a month**")[1].split("**together**")[0]
    total = sum(float(x) for x in re.findall(r"\| ([\d.]+) \|$", idle, re.MULTILINE))
    assert f"**{total:.2f}**" in DOCUMENT


def test_quantities_are_those_of_the_template():
    assert f"{len(resources('AWS::CloudWatch::Alarm'))} alarms" in DOCUMENT
    assert f"{load()['Parameters']['MskPartitions']['Default']} partitions" in DOCUMENT
    interfaces = [
        r
        for r in resources("AWS::EC2::VPCEndpoint").values()
        if r["Properties"]["VpcEndpointType"] == "Interface"
    ]
    assert f"Interface endpoints, {len(interfaces)} in" in DOCUMENT


def test_every_parameter_that_it_names_exists():
    table = DOCUMENT.split("| parameter |")[1].split("## Try it")[0]
    first_cells = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    named = {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}
    assert named
    assert named <= set(load()["Parameters"])
