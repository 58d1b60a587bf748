"""What the ARN of a source says: its settings, as far as the runner can read them of it."""

from headrace.errors import SettingsError
from headrace.names import read_arn, stream_name, table_of
from headrace.plan.given import Given
from headrace.plan.unknown import Unknown
from headrace.runner.settings import SourceKind
from headrace.sam.queue import check_queue


def settle(given: dict[str, Given], kind: SourceKind) -> list[str]:
    """Turn the source's ARN into settings. Returns notes on what is known on AWS only."""
    if kind == "sqs":
        check_queue(given)
        return []
    source = given.get("stream")
    if kind == "kinesis":
        if source is not None and isinstance(source.value, str) and ":" in source.value:
            given |= _of_arn(source.value, source.origin)
        return []
    if kind == "dynamodb":
        if source is not None:
            del given["stream"]
            given |= _of_table(source)
        return []
    if source is not None:
        # The brokers of an MSK cluster are no part of a template.
        given.setdefault("bootstrap_servers", Given(Unknown(str(source.value)), source.origin))
        del given["stream"]
    group = given.get("group")
    if group is None or not isinstance(group.value, Unknown):
        return []
    del given["group"]  # the default group does no harm here
    return [f"{group.origin}: {group.value} is known on AWS only"]


def _of_table(source: Given) -> dict[str, Given]:
    """Return the settings for the ARN of a table's stream, or for the table's name."""
    arn, place = source.value, source.origin
    if not isinstance(arn, str) or ":" not in arn:
        return {"table": source}
    told = read_arn(arn, "dynamodb")
    if told is None or "/stream/" not in arn or not table_of(arn):
        raise SettingsError(f"{place}: expected the ARN of a table's stream, got {arn!r}")
    region = {"region": Given(told.region, place)} if told.region else {}
    return {"table": source, **region}


def _of_arn(arn: str, place: str) -> dict[str, Given]:
    """Return the settings for the ARN of a stream, or of a consumer with enhanced fan-out."""
    told, name = read_arn(arn, "kinesis"), stream_name(arn)
    if told is None or not told.resource.startswith("stream/") or not name:
        raise SettingsError(f"{place}: expected the ARN of a Kinesis stream, got {arn!r}")
    given = {"stream": Given(name, place)}
    if told.region:
        given["region"] = Given(told.region, place)
    if "/consumer/" in arn:
        given["consumer_arn"] = Given(arn, place)
    return given
