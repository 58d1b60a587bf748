"""All settings of the library, in groups: where each struct is, and which command has its flags."""

from collections.abc import Sequence
from importlib import import_module

import msgspec

from headrace.settings import variable


class Group(msgspec.Struct, frozen=True):
    """The settings of one struct.

    Attributes:
        title: what they are about.
        place: the struct, as `module:name`. It is imported when it is asked for.
        command: the subcommand that has a flag for each of them, if one has.
    """

    title: str
    place: str
    command: str | None = None

    def struct(self) -> type[msgspec.Struct]:
        """Import the struct."""
        module, _, name = self.place.partition(":")
        struct: type[msgspec.Struct] = getattr(import_module(module), name)
        return struct


GROUPS = (
    Group("Kafka", "headrace.runner.kafka.settings:KafkaSource", "run"),
    Group("Kinesis", "headrace.runner.kinesis.settings:KinesisSource", "run"),
    Group("DynamoDB", "headrace.runner.dynamodb.settings:DynamoDbSource", "run"),
    Group("SQS", "headrace.runner.sqs.settings:SqsSource", "run"),
    Group("Event source mapping", "headrace.runner.settings:MappingSettings", "run"),
    Group("Worker", "headrace.worker:WorkerSettings", "run"),
    Group("HTTP server", "headrace.serve.settings:ServeSettings", "serve"),
    Group("Model store", "headrace.store.settings:PublisherSettings"),
    Group("Images", "headrace.images.settings:ImageSettings"),
)

# Secrets have no field: nothing that shows settings can show one.
SECRETS = (
    "sasl_password",
    "ssl_key_password",
    "schema_registry_password",
    "schema_registry_token",
    "api_key",
)


def variables(groups: Sequence[Group] = GROUPS) -> set[str]:
    """Return the variables of all settings."""
    fields = {name for group in groups for name in group.struct().__struct_fields__}
    return {variable(name) for name in (*fields, *SECRETS)}
