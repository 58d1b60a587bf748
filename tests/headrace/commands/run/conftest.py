"""What the tests of `headrace run` share."""

import os

import pytest

from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.settings import MappingSettings
from headrace.runner.sqs.settings import SqsSource
from headrace.settings import variable
from tests.support import sam


@pytest.fixture
def plain_environment(own_environment):
    """No setting comes from the tests' own environment, and none that a run makes stays."""
    for kind in (KafkaSource, KinesisSource, SqsSource, MappingSettings):
        for name in kind.__struct_fields__:
            os.environ.pop(variable(name), None)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "SHARED", "STAGE"):
        os.environ.pop(name, None)


@pytest.fixture
def template(tmp_path):
    """A template with functions that read Kafka and Kinesis."""
    return sam.write(tmp_path)
