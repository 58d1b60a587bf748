"""The object detector on uploads to a bucket of the stand-in."""

import boto3
import pytest

from headrace import lambda_handler
from headrace.testing.moto_server import aws_environment
from tests.support.uploads import Bucket
from workers.object_detector import ObjectDetector


@pytest.fixture(scope="module")
def client(moto_server):
    """A client of the stand-in for S3."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in aws_environment(moto_server).items():
            environment.setenv(name, value)
        return boto3.Session().client("s3")


@pytest.fixture
def bucket(moto_server, environment, client):
    """A bucket whose uploads the worker takes."""
    for name, value in aws_environment(moto_server).items():
        environment.setenv(name, value)
    made = Bucket(client)
    environment.setenv("HEADRACE_UPLOAD_BUCKETS", made.name)
    environment.setenv("HEADRACE_UNWRAP", "sns,s3,eventbridge")
    return made


@pytest.fixture
def handler(bucket):
    """The worker's handler."""
    handler = lambda_handler(ObjectDetector)
    yield handler
    handler.close()
