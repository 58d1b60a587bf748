"""Intrinsic functions and conditions: their values here, or that only AWS knows them."""

import pytest

from headrace.errors import SettingsError
from headrace.plan.unknown import Unknown
from headrace.sam.conditions import condition
from headrace.sam.intrinsics import FUNCTIONS
from headrace.sam.parameters import Parameters
from headrace.sam.reading import parse
from headrace.sam.resolver import Resolver

TEMPLATE = """
Parameters:
  Text: {Type: String, Default: t}
  Count: {Type: Number, Default: 3}
  Names: {Type: CommaDelimitedList, Default: "a, b"}
  Given: {Type: String}
  Looked: {Type: "AWS::SSM::Parameter::Value<String>", Default: /path}
Mappings:
  Map: {t: {one: 1, 2: two}}
Conditions:
  Right: !Equals [!Ref Count, 3]
  Wrong: !Not [!Condition Right]
  Both: !And [!Condition Right, !Not [!Condition Wrong]]
  Either: !Or [!Equals [!Ref Given, x], !Condition Right]
  Open: !Equals [!Ref Given, x]
  Circle: !Not [!Condition Circle]
  Bad: {Fn::Maybe: [1]}
  BadNot: !Not [!Condition Right, !Condition Wrong]
Resources:
  Queue: {Type: "AWS::SQS::Queue", Properties: {QueueName: !Sub "${Text}-q"}}
  Unnamed: {Type: "AWS::SQS::Queue"}
  Stream: {Type: "AWS::Kinesis::Stream", Properties: {Name: s}}
  Self: {Type: "AWS::SQS::Queue", Properties: {QueueName: !GetAtt Self.QueueName}}
  Fn: {Type: "AWS::Serverless::Function"}
"""


@pytest.fixture
def resolver():
    template = parse(TEMPLATE)
    given = {"AWS::Region": "eu-west-1"}
    return Resolver(template, Parameters(template["Parameters"], given), FUNCTIONS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Text", "t"),
        ("!Ref Count", "3"),
        ("!Ref Names", ["a", "b"]),
        ("!Ref AWS::Region", "eu-west-1"),
        ("!Ref AWS::Partition", "aws"),
        ("!Ref Stream", "s"),
        ("!GetAtt Queue.QueueName", "t-q"),
        ("{'Fn::GetAtt': [Queue, QueueName]}", "t-q"),
        ('!Sub "${Text}/${Count}/${!Text}/${Queue.QueueName}"', "t/3/${Text}/t-q"),
        ('!Sub ["${Own}-${Text}", {Own: !Ref Count}]', "3-t"),
        ("!If [Right, 1, 2]", 1),
        ("!If [Wrong, 1, 2]", 2),
        ("[1, !If [Wrong, 1, !Ref AWS::NoValue], 3]", [1, 3]),
        ("{a: !Ref AWS::NoValue, b: 1}", {"b": 1}),
        ("!FindInMap [Map, !Ref Text, one]", 1),
        ("!FindInMap [Map, t, 2]", "two"),
        ("!FindInMap [Map, t, no, {DefaultValue: 5}]", 5),
        ("!Join [',', [a, !Ref Text, 1]]", "a,t,1"),
        ("!Join ['-', !Ref Names]", "a-b"),
        ("!Split [',', 'a,b']", ["a", "b"]),
        ("!Select [1, !Split [',', 'a,b']]", "b"),
        ("!Select ['0', [x]]", "x"),
        ("!ToJsonString {a: [!Ref Text]}", '{"a":["t"]}'),
        ("2012-10-17", "2012-10-17"),
        ("!Base64 x", "eA=="),
        ("{'Fn::Length': !Ref Names}", 2),
        ("{'Fn::Length': [1, !Ref AWS::NoValue, 3]}", 2),
        ("{'Fn::Length': {'Fn::Split': ['|', 'a|b|c']}}", 3),
        ("{Ref: {'Fn::Sub': 'Te${X}'}}".replace("${X}", "xt"), "t"),
        ("{'Fn::GetAtt': [!Sub 'Que${X}', QueueName]}".replace("${X}", "ue"), "t-q"),
        ("!FindInMap [!Sub 'Map', !Select [0, [t]], one]", 1),
        ("!FindInMap [No, no, no, {DefaultValue: !Ref Text}]", "t"),
        ("!ToJsonString {n: !Length [1], b: true}", '{"n":1,"b":true}'),
    ],
)
def test_what_is_known_has_its_value(resolver, text, value):
    assert resolver.resolve(parse(text), "here") == value


@pytest.mark.parametrize(
    ("text", "shown", "resource"),
    [
        ("!Ref Given", "!Ref Given", "Given"),
        ("!Ref Looked", "!Ref Looked", "Looked"),
        ("!Ref AWS::StackName", "!Ref AWS::StackName", "AWS::StackName"),
        ("!Ref Fn.Alias", "!Ref Fn.Alias", "Fn"),
        ("!GetAtt Queue.Arn", "!GetAtt Queue.Arn", "Queue"),
        ("!GetAtt Unnamed.QueueName", "!GetAtt Unnamed.QueueName", "Unnamed"),
        ("!GetAtt Self.QueueName", "!GetAtt Self.QueueName", "Self"),
        ("!Sub '${Queue.Arn}'", "!Sub ${Queue.Arn}", "Queue"),
        ("!Sub 'x-${AWS::StackName}'", "!Sub x-${AWS::StackName}", None),
        ("!ImportValue there", "!ImportValue there", None),
        ("!If [Open, 1, 2]", "!If Open, which depends on !Ref Given", None),
        ("!Join ['', [!Ref Given]]", "!Join of !Ref Given", None),
        ("!Split ['', !Ref Given]".replace("''", "','"), "!Split of !Ref Given", None),
        ("!Select [0, !GetAZs '']", "!Select of !GetAZs …", None),
        ("!FindInMap [Map, !Ref Given, x]", "!FindInMap by !Ref Given", None),
        ("!Cidr [x, 1]", "!Cidr …", None),
        ("!Base64 {Ref: Given}", "!Base64 of !Ref Given", None),
        ("{'Fn::Length': !Ref Given}", "!Length of !Ref Given", None),
        ("{Ref: !Ref Given}", "!Ref !Ref Given", None),
        ("{'Fn::GetAtt': [!Ref Given, Arn]}", "!GetAtt of !Ref Given", None),
        ("'{{resolve:ssm:a}}'", "{{resolve:ssm:a}}", None),
        ("!Sub '{{resolve:ssm:${Text}}}'", "{{resolve:ssm:t}}", None),
    ],
)
def test_what_only_aws_knows_says_how_the_template_puts_it(resolver, text, shown, resource):
    assert resolver.resolve(parse(text), "here") == Unknown(shown, resource)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("!Ref [a]", "here: !Ref takes text"),
        ("!Length a", r"here: !Length takes \[value, …\]"),
        ("!Base64 [a]", "here: !Base64 takes text"),
        ("!GetAtt [[a], b]", "here: !GetAtt takes resource.attribute"),
        ("!GetAtt Queue", "here: !GetAtt takes resource.attribute"),
        ("!Sub [a, b]", "here: !Sub takes"),
        ("!Sub '${Names}'", "here: !Sub takes text, not"),
        ("!If [Right, 1]", "here: !If takes"),
        ("!If [Missing, 1, 2]", "here: no condition 'Missing'"),
        ("!FindInMap [Map]", "here: !FindInMap takes"),
        ("!FindInMap [Map, t, three]", "here: !FindInMap finds no Map.t.three"),
        ("!Join [a]", "here: !Join takes"),
        ("!Join [a, b]", "here: !Join takes"),
        ("!Split ['', a]", "here: !Split takes"),
        ("!Select [5, [a]]", "here: !Select finds no 5"),
        ("!Select [x, [a]]", "here: !Select finds no 'x'"),
        ("{a: [!Ref [b]]}", r"here\.a\[0\]: !Ref"),
    ],
)
def test_a_function_without_its_arguments_names_its_place(resolver, text, complaint):
    with pytest.raises(SettingsError, match=complaint):
        resolver.resolve(parse(text), "here")


@pytest.mark.parametrize(
    ("name", "holds"), [("Right", True), ("Wrong", False), ("Both", True), ("Either", True)]
)
def test_conditions(resolver, name, holds):
    assert condition(resolver, name, "here") is holds


def test_conditions_that_name_each_other_twice_take_no_time():
    conditions = {f"C{n}": {"Fn::And": [{"Condition": f"C{n + 1}"}] * 2} for n in range(100)}
    conditions["C100"] = {"Fn::Equals": ["a", "a"]}
    template = {"Resources": {}, "Conditions": conditions}
    assert condition(Resolver(template, Parameters({}, {}), FUNCTIONS), "C0", "here") is True


def test_a_text_with_many_beginnings_of_variables_takes_no_time(resolver):
    text = "${" * 100_000
    assert resolver.resolve({"Fn::Sub": text}, "here") == text


def test_a_text_that_would_fill_all_memory_is_refused(resolver):
    text = "text"
    for _ in range(30):
        text = {"Fn::Sub": ["${a}${a}", {"a": text}]}
    with pytest.raises(SettingsError, match="here: !Sub makes more than 1,048,576 characters"):
        resolver.resolve(text, "here")

    text = {"Fn::Join": ["x" * 1_000, ["x"] * 2_000]}
    with pytest.raises(SettingsError, match="here: !Join makes more than 1,048,576 characters"):
        resolver.resolve(text, "here")


def test_a_condition_on_what_is_not_given_is_open(resolver):
    assert condition(resolver, "Open", "here") == Unknown("!Ref Given", "Given")


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("Circle", "Conditions.Circle refers to itself"),
        ("Bad", "Conditions.Bad: a condition is"),
        ("BadNot", r"Conditions.BadNot: !Not takes \[condition\]"),
        (["x"], "here: no condition"),
    ],
)
def test_a_wrong_condition_is_named(resolver, name, complaint):
    with pytest.raises(SettingsError, match=complaint):
        condition(resolver, name, "here")
