"""What in the template reads streams and queues, and what stands beside it."""

import pytest

from tests.support.deployment.template import functions, mappings, resources, walk

MAPPED = {mapping["FunctionName"]["Ref"].removesuffix(".Alias") for mapping in mappings().values()}
QUEUES = {name: r["Properties"] for name, r in resources("AWS::SQS::Queue").items()}
FAILED_BATCHES = {"Fn::GetAtt": ["FailedBatchQueue", "Arn"]}
each_function = pytest.mark.parametrize("name", functions())


def alarm(name):
    """The properties of an alarm."""
    return resources()[name]["Properties"]


def function_role(name):
    """The properties of a function's role."""
    (role,) = [n["Fn::GetAtt"][0] for n in walk(functions()[name]["Role"]) if "Fn::GetAtt" in n]
    return resources()[role]["Properties"]
