"""Loops of AWS::LanguageExtensions: what they make is what runs, what is not known is named."""

import json

import pytest

from headrace.cli import main
from headrace.errors import SettingsError
from headrace.sam.for_each import Expansion
from headrace.sam.intrinsics import FUNCTIONS
from headrace.sam.parameters import Parameters
from headrace.sam.reading import parse
from headrace.sam.resolver import Resolver
from tests.support.sam import dry_run, fails

TWO_CONSUMERS = """
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  Topics: {Type: CommaDelimitedList, Default: "orders, eu-payments"}
  Given: {Type: CommaDelimitedList}
Conditions:
  Fn::ForEach::Stages:
    - Stage
    - [test, live]
    - "Is${Stage}": !Equals [!Ref Stage, live]
Resources:
  Fn::ForEach::Consumers:
    - Topic
    - !Ref Topics
    - "Consumer&{Topic}":
        Type: AWS::Serverless::Function
        Properties:
          Handler: app.handler
          Timeout: !If [Islive, 30, 20]
          Environment: {Variables: {KIND: !Sub "${Topic}-x", TOPIC: !Ref Topic}}
          Events:
            Kafka:
              Type: SelfManagedKafka
              Properties: {KafkaBootstrapServers: ["b:9092"], Topics: ["${Topic}"]}
  Ordinary:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Events:
        Fn::ForEach::Streams:
          - Stream
          - [a, b]
          - "On${Stream}":
              Type: Kinesis
              Properties:
                Stream: !Sub "arn:aws:kinesis:r:1:stream/${Stream}"
                StartingPosition: LATEST
"""


@pytest.fixture
def template(tmp_path):
    def write(text=TWO_CONSUMERS, name="t.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def expanded(text, parameters="{}", **given):
    template = parse(text) | {"Resources": {}}
    resolver = Resolver(template, Parameters(parse(parameters), given), FUNCTIONS)
    expansion = Expansion(resolver.resolve)
    return expansion.expand(parse(text), "Resources"), expansion.gaps


def test_the_functions_of_a_loop_are_listed_beside_the_ordinary_one(template, capsys):
    assert fails(capsys, template()) == (
        "t.yaml: more than one function with stream or queue events: name one of"
        " Consumerorders (Kafka), Consumereupayments (Kafka), Ordinary (Ona, Onb)"
    )


def test_a_function_of_a_loop_runs_with_its_value(template, capsys):
    rows = dry_run(capsys, template(), "Consumereupayments")
    assert rows["topic"] == ("eu-payments", "t.yaml: Consumereupayments.Events.Kafka.Topics")
    assert rows["function_timeout_seconds"][0] == "30.0"  # by a condition that a loop made, too
    assert (rows["KIND"][0], rows["TOPIC"][0]) == ("eu-payments-x", "eu-payments")


def test_an_event_of_a_loop_is_chosen_by_name(template, capsys):
    assert dry_run(capsys, template(), "Ordinary", "--event", "Onb")["stream"][0] == "b"
    assert "choose by --event from Ona, Onb" in fails(capsys, template(), "Ordinary")


def test_a_collection_that_is_not_known_is_named(template, capsys):
    path = template(TWO_CONSUMERS.replace("!Ref Topics", "!Ref Given"))
    gap = "Resources.Fn::ForEach::Consumers runs over !Ref Given, which is not known here"
    assert fails(capsys, path) == (
        "t.yaml: perhaps more than one function with stream or queue events: name one of"
        f" Ordinary (Ona, Onb); {gap}"
    )
    assert fails(capsys, path, "Consumerorders").endswith(f"only Ordinary (Ona, Onb); {gap}")
    dry_run(capsys, path, "Consumerorders", "--parameter", "Given=orders,other")


def test_the_plan_tells_of_what_is_not_known(template, capsys):
    path = template(TWO_CONSUMERS.replace("!Ref Topics", "!Ref Given"))
    dry_run(capsys, path, "Ordinary", "--event", "Ona")
    assert main(["run", path, "Ordinary", "--event", "Ona", "--dry-run"]) == 0
    assert "# Resources.Fn::ForEach::Consumers runs over !Ref Given" in capsys.readouterr().out


def test_without_the_transform_the_plan_says_that_aws_needs_it(template, capsys):
    path = template(TWO_CONSUMERS.replace("AWS::LanguageExtensions, ", ""))
    assert main(["run", path, "Consumerorders", "--dry-run"]) == 0
    assert "# on AWS, Fn::ForEach needs Transform: AWS::Langu" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("transform", "note"),
    [
        ("Fn::Transform: {Name: AWS::Include}", "Resources.Fn::Transform is applied by AWS only"),
        ("", None),
    ],
)
def test_what_another_macro_adds_is_not_known(template, capsys, transform, note):
    text = f"""
Resources:
  Only:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Events: {{K: {{Type: Kinesis, Properties: {{Stream: "arn:aws:kinesis:r:1:stream/s",
        StartingPosition: LATEST}}}}}}
  {transform}
"""
    if note is None:
        dry_run(capsys, template(text))
        return
    assert fails(capsys, template(text)).endswith(f"name one of Only (K); {note}")
    dry_run(capsys, template(text), "Only")


def test_a_macro_of_the_whole_template_is_told(template, capsys):
    path = template(
        TWO_CONSUMERS.replace("AWS::LanguageExtensions,", "AWS::LanguageExtensions, M,")
    )
    assert main(["run", path, "Consumerorders", "--dry-run"]) == 0
    assert "# Transform M is applied by AWS only" in capsys.readouterr().out


def test_loops_in_loops():
    text = """
    Fn::ForEach::Outer:
      - A
      - [x, y]
      - "Fn::ForEach::Inner${A}":
          - B
          - ["1", 2]
          - "${A}${B}": {name: "${A}-${B}", list: [!Ref A, {Ref: B}], other: !Ref C}
    """
    made, gaps = expanded(text)
    assert list(made) == ["x1", "x2", "y1", "y2"]
    assert made["y2"] == {"name": "y-2", "list": ["y", "2"], "other": {"Ref": "C"}}
    assert gaps == []


def test_an_empty_collection_makes_nothing():
    assert expanded("Fn::ForEach::L: [A, [], {'${A}': 1}]") == ({}, [])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Fn::ForEach::L: 5", r"Resources.Fn::ForEach::L takes \[name"),
        ("Fn::ForEach::L: [A, [x]]", r"takes \[name"),
        ("Fn::ForEach::L: [[A], [x], {'${A}': 1}]", "the name of a loop is text"),
        ("Fn::ForEach::L: [A, x, {'${A}': 1}]", "runs over a list, not 'x'"),
        ("Fn::ForEach::L: [A, [[x]], {'${A}': 1}]", "runs over texts"),
        ("Fn::ForEach::L: [A, [x, y], {same: 1}]", "makes same a second time"),
        ("{x: 1, Fn::ForEach::L: [A, [x], {'${A}': 1}]}", "makes x a second time"),
    ],
)
def test_a_wrong_loop_is_named(text, complaint):
    with pytest.raises(SettingsError, match=complaint):
        expanded(text)


def test_loops_that_make_too_much_end():
    numbers = json.dumps([str(n) for n in range(500)])
    inner = f'{{"Fn::ForEach::C": ["C", {numbers}, {{"${{A}}${{B}}${{C}}": 1}}]}}'
    middle = f'{{"Fn::ForEach::B": ["B", {numbers}, {inner}]}}'
    with pytest.raises(SettingsError, match="makes more than 200000 values"):
        expanded(f'{{"Fn::ForEach::A": ["A", {numbers}, {middle}]}}')


def test_a_json_template_with_tabs_is_read(template, capsys):
    text = json.dumps(parse(TWO_CONSUMERS), indent="\t")
    assert dry_run(capsys, template(text, "t.json"), "Consumerorders")["topic"][0] == "orders"
