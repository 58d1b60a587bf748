"""The failure destination that the settings name.

In S3 its objects have the service's names: `aws/lambda/<mapping uuid>/<partition or shard>/` and
the time, below the URL's prefix.
"""

import os
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from headrace.record import Record
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.settings import MappingSettings
from headrace.sinks import Message, open_sink
from headrace.sinks.url import SinkUrl


def open_destination(
    settings: MappingSettings,
    build: Callable[[Sequence[Record]], dict[str, Any]],
    function: str,
    mapping: str,
    connection: Mapping[str, str] | None = None,
) -> FailureDestination | None:
    """Open the destination; None if the settings name none.

    Args:
        settings: of the mapping.
        build: makes the event of records.
        function: the name or the ARN of what is invoked.
        mapping: what tells this mapping from others of the function, such as stream or group.
        connection: how the source is reached, by variable: a topic without hosts is there, too.

    Raises:
        SettingsError: the destination's URL is wrong.
    """
    url = settings.destination_url
    if url is None:
        return None
    arn = function if ":" in function else f"arn:aws:lambda:local:000000000000:function:{function}"
    variables = {**os.environ, **(connection or {})}
    parsed = SinkUrl.parse(url, variables)
    if parsed.scheme != "s3":
        return FailureDestination(open_sink(url, variables), build, arn)
    from headrace.sinks import s3  # noqa: PLC0415 - its client is needed only here

    name = object_name(uuid.uuid5(uuid.NAMESPACE_URL, f"{arn} {mapping}"))
    return FailureDestination(s3.open_url(parsed, name), build, arn, as_text=True)


def object_name(mapping: uuid.UUID) -> Callable[[Message], str]:
    """Makes the service's names for the objects of a mapping; each one is new."""

    def name(message: Message) -> str:
        now = datetime.now(UTC)
        shard = re.split("[@:]", message.id, maxsplit=1)[0]
        moment = now.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S")
        return f"aws/lambda/{mapping}/{shard}/{moment}-{uuid.uuid4()}"

    return name
