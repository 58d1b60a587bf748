"""Which functions a template has, and which stream events: conditions may choose both."""

import pytest

from headrace.errors import SettingsError
from headrace.plan.unknown import Unknown
from headrace.sam.functions import stream_functions
from headrace.sam.intrinsics import FUNCTIONS
from headrace.sam.parameters import Parameters
from headrace.sam.reading import parse
from headrace.sam.resolver import Resolver

KINESIS = "{Type: Kinesis, Properties: {Stream: s, StartingPosition: LATEST}}"
MSK = "{Type: MSK, Properties: {Topics: [t]}}"
TEMPLATE = """
Parameters: {Stage: {Type: String}}
Conditions: {Live: !Equals [!Ref Stage, live]}
Globals: {Function: {Runtime: python3.12, Environment: {Variables: {A: 1}}}}
Resources: {F: {Type: AWS::Serverless::Function, Properties: {Events: EVENTS}}}
"""


def events_of(events, **parameters):
    template = parse(TEMPLATE.replace("EVENTS", events))
    resolver = Resolver(template, Parameters(template["Parameters"], parameters), FUNCTIONS)
    return [
        (event.name, event.kind, event.open)
        for function in stream_functions(template, resolver)
        for event in function.events
    ]


ONE = f"{{A: !If [Live, {KINESIS}, !Ref AWS::NoValue], B: {MSK}}}"
ALL = f"!If [Live, {{A: {KINESIS}}}, {{B: {MSK}}}]"


@pytest.mark.parametrize(
    ("events", "stage", "found"),
    [
        (ONE, "live", [("A", "kinesis", None), ("B", "kafka", None)]),
        (ONE, "test", [("B", "kafka", None)]),
        (ALL, "live", [("A", "kinesis", None)]),
        (ALL, "test", [("B", "kafka", None)]),
        (
            f"{{A: !If [Live, !If [Live, {KINESIS}, {MSK}], {MSK}]}}",
            "live",
            [("A", "kinesis", None)],
        ),
    ],
)
def test_a_condition_chooses_an_event(events, stage, found):
    assert events_of(events, Stage=stage) == found


def test_an_event_whose_condition_is_not_known_says_on_what_it_depends():
    unknown = Unknown("!Ref Stage", "Stage")
    assert events_of(ONE) == [("A", "kinesis", unknown), ("B", "kafka", None)]
    assert events_of(ALL) == [("A", "kinesis", unknown), ("B", "kafka", unknown)]


def test_a_wrong_choice_is_named():
    with pytest.raises(SettingsError, match=r"F\.Events\.A: !If takes"):
        events_of("{A: !If [Live, 1]}")
