"""Which Kinesis stream to read, and how to reach it."""

from typing import TYPE_CHECKING

import msgspec

from headrace.errors import SettingsError
from headrace.sources.kpl import Deaggregation

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

# Each shard has a connection of its own; more than the pool holds would be opened again and again.
_MOST_CONNECTIONS = 1_000
# A subscription sends an event at least every five seconds, so one that is silent is dead.
_READ_SECONDS = 20


class KinesisSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which stream to read, and how to reach it.

    Attributes:
        stream: its name, or its ARN.
        checkpoints: the SQLite file that holds how far it is done.
        endpoint_url: a stand-in for the service; None: as AWS's own variables say.
        region: None: as AWS's own variables and files say.
        consumer_name: read by enhanced fan-out, as this consumer. It is registered where it does
            not exist yet, stays registered, and costs by the hour and the shard.
        consumer_arn: the same, for a consumer that exists.
        kpl_deaggregation: what becomes of records that the Kinesis Producer Library packed into
            one. "kcl": taken apart as by the Kinesis Client Library; in a shard that came from a
            split or a merge, user records of another shard's hash keys are left out, since the
            KPL sends them again. "all": none is left out, for producers that pack without the
            KPL. "off": handed over as they came. Where the function takes the service's event,
            it gets them as they came, too, as on AWS; there the worker base takes them apart.
    """

    stream: str
    checkpoints: str
    endpoint_url: str | None = None
    region: str | None = None
    consumer_name: str | None = None
    consumer_arn: str | None = None
    kpl_deaggregation: Deaggregation = "kcl"


def open_client(settings: KinesisSettings) -> "KinesisClient":
    """A client for the stream. Raises SettingsError where region or credentials are missing."""
    # Imported here: the settings alone describe the flags of the command line, which is quick.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    try:
        return boto3.client(
            "kinesis",
            endpoint_url=settings.endpoint_url,
            region_name=settings.region,
            config=Config(
                retries={"mode": "standard"},
                max_pool_connections=_MOST_CONNECTIONS,
                read_timeout=_READ_SECONDS,
            ),
        )
    except BotoCoreError as error:
        raise SettingsError(f"Kinesis client: {error}") from None
