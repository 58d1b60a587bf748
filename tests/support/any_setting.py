"""A value for any setting, and a template that sets it."""

import json
from typing import Literal, get_args, get_origin

from headrace.commands.flags import form
from headrace.settings import bare

SAMPLES = {
    "maximum_record_age_in_seconds": "600",
    "maximum_event_age_in_seconds": "600",
    "starting_position": "LATEST",
    "starting_position_timestamp": "1700000000",
    "retry_backoff_max_seconds": "60",
    "retry_backoff_seconds": "0.5",
    "unwrap": "s3",
    "schema_validation_attributes": "KEY,VALUE",
    "schema_registry_access": "BASIC_AUTH=arn",
    "filter_criteria": '["{\\"value\\": [1]}"]',
}


def sample(field):
    """A value as text that is not the default."""
    if field.name in SAMPLES:
        return SAMPLES[field.name]
    kind = bare(field.type)
    if get_origin(kind) is Literal:
        return next(choice for choice in get_args(kind) if choice != field.default)
    by_form = {"true|false": str(field.default is not True).lower(), "KEY=VALUE": "a.b=c"}
    return by_form.get(form(field), "7" if kind in {int, float} else "file:x")


def write_template(folder, name, value, title):
    """A template whose one function has this variable; returns its path."""
    event = {
        "SQS": {"Type": "SQS", "Properties": {"Queue": "arn:aws:sqs:r:1:q"}},
        "Kinesis": {
            "Type": "Kinesis",
            "Properties": {
                "Stream": "arn:aws:kinesis:r:1:stream/s",
                "StartingPosition": "LATEST",
            },
        },
    }.get(
        title,
        {
            "Type": "SelfManagedKafka",
            "Properties": {"KafkaBootstrapServers": ["h:1"], "Topics": ["t"]},
        },
    )
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Handler": "worker.handler",
            "Environment": {"Variables": {name: value}},
            "Events": {"E": event},
        },
    }
    path = folder / "template.json"
    path.write_text(json.dumps({"Resources": {"F": function}}))
    return path
