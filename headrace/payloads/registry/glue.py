"""AWS Glue's schema registry, by boto3."""

from typing import TYPE_CHECKING, Any

from headrace.aws_endpoint import checked
from headrace.errors import SettingsError, message_of
from headrace.extras import needs
from headrace.payloads.schema import RegistryAway, Schema, SchemaId, UnknownSchema

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

_SECONDS = 5
_UNKNOWN = {"EntityNotFoundException", "InvalidInputException"}


class GlueRegistry:
    """Versions of schemas by their UUIDs. Glue knows no references.

    Args:
        client: of Glue.
    """

    by_number = False
    is_glue = True

    def __init__(self, client: "GlueClient") -> None:
        self.client = client

    def schema(self, schema: SchemaId) -> Schema:
        """As any registry."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - it is there with the client

        try:
            found = self.client.get_schema_version(SchemaVersionId=str(schema))
        except ClientError as error:
            if error.response["Error"]["Code"] in _UNKNOWN:
                raise UnknownSchema(f"AWS Glue has no schema version {schema}") from None
            raise RegistryAway(f"AWS Glue: {message_of(error)}") from None
        except Exception as error:  # noqa: BLE001 - botocore's and urllib3's, of many kinds
            raise RegistryAway(f"AWS Glue: {message_of(error)}") from None
        return Schema(found["DataFormat"], found["SchemaDefinition"])


def open_glue(region: str | None) -> GlueRegistry:
    """Return the registry of a region.

    Raises:
        HeadraceError: no boto3.
        SettingsError: no region, or no address.
    """
    try:
        import boto3  # noqa: PLC0415 - an extra
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise needs("aws", error) from None
    options: dict[str, Any] = {"region_name": region} if region else {}
    config = Config(
        connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 2}
    )
    try:
        return GlueRegistry(checked(boto3.client("glue", config=config, **options)))
    except (BotoCoreError, ValueError) as error:  # no region, or none that there is
        raise SettingsError(f"the schema registry of Glue: {error}") from None
