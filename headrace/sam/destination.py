"""The failure destination of a mapping, as the URL of a sink."""

from headrace.errors import SettingsError
from headrace.plan.unknown import Unknown
from headrace.sam.resolver import Resolver


def sink_url(destination: str, place: str) -> str:
    """Return the sink for an ARN or `kafka://topic`. Raises SettingsError with the place."""
    if destination.startswith("kafka://") and len(destination) > len("kafka://"):
        return f"kafka:///{destination.removeprefix('kafka://')}"
    parts = destination.split(":", 5)
    if len(parts) == 6 and parts[0] == "arn" and parts[5]:
        _, _, service, region, account, name = parts
        if service == "sqs":
            return f"sqs://{account}/{name}?region={region}"
        if service == "sns":
            return f"sns://{destination}"
        if service == "s3":
            return f"s3://{name}"
    raise SettingsError(
        f"{place}: expected the ARN of an SQS queue, an SNS topic or an S3 bucket, or"
        f" kafka://topic, got {destination!r}"
    )


def sink_url_by_name(destination: Unknown, resolver: Resolver) -> str | None:
    """Return the sink for a resource of the template, if the template itself names it."""
    name = resolver.name_of(destination.resource)
    kinds = {"AWS::SQS::Queue": "sqs", "AWS::SNS::Topic": "sns", "AWS::S3::Bucket": "s3"}
    kind = kinds.get(resolver.type_of(destination.resource))
    return f"{kind}://{name}" if kind and name else None
