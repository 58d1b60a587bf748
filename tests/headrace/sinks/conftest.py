"""Fixtures of the AWS sinks: one stand-in for all of them."""

from tests.support.kinesis.stand_ins import moto_server
from tests.support.sinks import aws

__all__ = ["aws", "moto_server"]
