"""How a function is called asynchronously, by a template: its EventInvokeConfig."""

import json
import subprocess
import sys

from tests.support import sam
from tests.support.invoke_config import OWN, RUN, TEMPLATE
from tests.support.sam import dry_run, fails
from tests.support.sinks import REGION
from tests.support.sqs.queues import Queue

GLOBAL = """
Globals:
  Function: {EventInvokeConfig: {MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 600}}
"""
RESOURCE = """
  NAME:
    Type: AWS::Lambda::EventInvokeConfig
    Properties:
      FunctionName: !Ref Work
      Qualifier: $LATEST
      MaximumRetryAttempts: 0
      DestinationConfig: {OnFailure: {Destination: arn:aws:s3:::lost}}
"""


def told(rows):
    """What the template said, without the places of code and timeout."""
    return {
        name: (value.strip('"'), origin.removeprefix("template.yaml: "))
        for name, (value, origin) in rows.items()
        if "Invoke" in origin or "Config" in origin
    }


def test_every_property_of_a_function_s_own_config_is_a_setting(template, capsys):
    rows = dry_run(capsys, template(), *RUN)
    place = "Work.EventInvokeConfig"
    assert told(rows) == {
        "maximum_retry_attempts": ("1", f"{place}.MaximumRetryAttempts"),
        "maximum_event_age_in_seconds": ("300", f"{place}.MaximumEventAgeInSeconds"),
        "on_success_url": ("sns://done", f"{place}.DestinationConfig.OnSuccess"),
        "on_failure_url": (
            "sqs://123456789012/lost?region=***",
            f"{place}.DestinationConfig.OnFailure",
        ),
    }
    assert rows["queue"] == ("uploads", "--sqs")
    assert rows["asynchronous"] == ("true", "--asynchronous")
    assert rows["function_timeout_seconds"][1] == "template.yaml: Work.Timeout, by default"


def test_flags_and_variables_win(template, capsys, monkeypatch):
    monkeypatch.setenv("HEADRACE_ASYNCHRONOUS", "true")
    monkeypatch.setenv("HEADRACE_MAXIMUM_EVENT_AGE_IN_SECONDS", "60")
    flags = ("--maximum-retry-attempts", "2", "--on-failure-url", "file:lost.jsonl")
    rows = dry_run(capsys, template(), "Work", "--sqs", "uploads", *flags)
    assert rows["maximum_retry_attempts"] == ("2", "--maximum-retry-attempts")
    assert rows["on_failure_url"] == ("file:lost.jsonl", "--on-failure-url")
    assert rows["maximum_event_age_in_seconds"] == ("60", "HEADRACE_MAXIMUM_EVENT_AGE_IN_SECONDS")
    assert rows["on_success_url"][0].strip('"') == "sns://done"


def test_what_all_functions_have_is_in_globals(template, capsys):
    own = "      EventInvokeConfig: {MaximumRetryAttempts: 2}\n"
    path = template(own + GLOBAL)
    assert "need HEADRACE_ON_FAILURE_URL" in fails(capsys, path, *RUN)  # where would they go?
    rows = dry_run(capsys, path, *RUN, "--on-failure-url", "file:lost.jsonl")
    assert {name: value for name, (value, _) in told(rows).items()} == {
        "maximum_retry_attempts": "2",
        "maximum_event_age_in_seconds": "600",
    }


def test_a_config_of_its_own_finds_its_function(template, capsys):
    rows = dry_run(capsys, template(RESOURCE.replace("NAME", "Config")), "Work", *RUN)
    assert told(rows) == {
        "maximum_retry_attempts": ("0", "Config.MaximumRetryAttempts"),
        "on_failure_url": ("s3://lost", "Config.DestinationConfig.OnFailure"),
    }
    assert rows["event"][0] == "Config"
    assert rows["maximum_event_age_in_seconds"] == ("21600", "default")


def test_of_several_configs_one_is_chosen(template, capsys):
    path = template(OWN + RESOURCE.replace("NAME", "Latest"))
    line = fails(capsys, path, *RUN)
    assert line.endswith("event of Work: choose by --event from EventInvokeConfig, Latest")
    assert dry_run(capsys, path, *RUN, "--event", "Latest")["maximum_retry_attempts"][0] == "0"


def test_a_function_without_one_has_the_defaults_of_aws(template, capsys):
    rows = dry_run(capsys, template(""), *RUN)
    assert told(rows) == {}
    assert (rows["handler"][0], rows["queue"][0]) == ("orders.app:handler", "uploads")


def test_without_a_queue_the_run_says_what_is_missing(template, capsys):
    assert fails(capsys, template(), "--asynchronous", "true").startswith("--sqs is missing")


def test_an_event_that_the_function_refuses_goes_where_the_template_says(aws, tmp_path):
    lost, uploads = Queue(aws("sqs")), Queue(aws("sqs"))
    config = f"""
      EventInvokeConfig:
        MaximumRetryAttempts: 0
        DestinationConfig: {{OnFailure: {{Type: SQS, Destination: !GetAtt Lost.Arn}}}}
  Lost: {{Type: AWS::SQS::Queue, Properties: {{QueueName: {lost.name}}}}}
"""
    path = sam.write(tmp_path, TEMPLATE.replace("CONFIG", config))
    code = "def handler(event, context):\n    raise ValueError('no picture')\n"
    (tmp_path / "src" / "orders" / "app.py").write_text(code)
    event = {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}]}
    uploads.put(json.dumps(event))
    command = [sys.executable, "-m", "headrace", "run", path, "--asynchronous", "true"]
    subprocess.run(
        [*command, "--sqs", uploads.name, "--region", REGION, "--stop-when-idle", "1"], check=True
    )
    (told,) = lost.bodies()
    told = json.loads(told)
    assert told["requestContext"]["condition"] == "RetriesExhausted"
    assert told["requestPayload"] == event
    assert told["responsePayload"] == {"errorMessage": "no picture", "errorType": "ValueError"}
    assert uploads.counts() == (0, 0)
