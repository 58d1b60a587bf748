"""Services of AWS that are polled: a client of one, and which of its errors pass by themselves."""

from collections.abc import Collection
from typing import Any

from headrace.aws_endpoint import checked
from headrace.errors import SettingsError

# boto3 and botocore are imported in the functions: settings alone describe the flags of the command
# line, which is quick.


def open_client(
    service: str,
    title: str,
    *,
    endpoint_url: str | None,
    region: str | None,
    connections: int,
    read_seconds: float,
) -> Any:
    """Open a client of a service.

    Args:
        service: its name in boto3.
        title: what people call it.
        endpoint_url: of a stand-in; None: as AWS's own variables decide.
        region: where it is; None: as AWS's own variables and files decide.
        connections: how many there may be at once.
        read_seconds: how long an answer may be silent.

    Raises:
        SettingsError: the region, the credentials or the address are missing or wrong.
    """
    if "@" in (endpoint_url or ""):
        raise SettingsError(f"{title} client: an endpoint takes no user and no password")
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, NoRegionError  # noqa: PLC0415

    config = Config(
        retries={"mode": "standard"}, max_pool_connections=connections, read_timeout=read_seconds
    )
    try:
        client = boto3.client(  # type: ignore[call-overload]  # the service is a variable here
            service, endpoint_url=endpoint_url, region_name=region, config=config
        )
        return checked(client)
    except NoRegionError as error:
        raise SettingsError(f"{title} client: {error} --region does, or AWS_REGION") from None
    except (BotoCoreError, ValueError) as error:
        raise SettingsError(f"{title} client: {error}") from None


def is_passing(error: Exception, code: str | None, codes: Collection[str]) -> bool:
    """Return whether a request that failed so is worth repeating: throttled, or not answered.

    Args:
        error: what it failed with.
        code: the service's name for it; None: the service did not answer.
        codes: the names of those that pass.
    """
    from botocore import exceptions  # noqa: PLC0415
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    if isinstance(error, exceptions.ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return code in codes or status >= 500
    kinds = (
        exceptions.ConnectionError,
        exceptions.CredentialRetrievalError,
        exceptions.HTTPClientError,
        exceptions.IncompleteReadError,
        ResponseParserError,
    )
    return isinstance(error, kinds)
