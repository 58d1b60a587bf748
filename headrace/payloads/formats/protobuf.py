"""Protobuf: the schema is a file, and a payload one of its messages, which becomes a dict."""

from typing import Any

from google.protobuf import message_factory
from google.protobuf.message import DecodeError

from headrace.errors import message_of
from headrace.payloads.formats import message_index
from headrace.payloads.formats.protobuf_file import file_of
from headrace.payloads.formats.protobuf_values import to_value
from headrace.payloads.schema import BadSchema, Decode, DoesNotFit, Schema


def decoder(schema: Schema, *, glue: bool = False) -> Decode:
    """Make what reads the payloads of a schema.

    Args:
        schema: the writer's.
        glue: whether messages are numbered as AWS Glue does it; else, as Confluent does.

    Raises:
        BadSchema: it cannot be read.
    """
    file = file_of(schema)
    number = message_index.numbered_by_glue if glue else message_index.numbered_by_confluent
    split = message_index.by_glue if glue else message_index.by_confluent
    try:
        kinds = {
            place: message_factory.GetMessageClass(message)
            for place, message in number(file).items()
        }
    except Exception as error:  # noqa: BLE001 - whatever stands in the schema
        raise BadSchema(f"it is no Protobuf file: {message_of(error)}") from None

    def decode(payload: bytes) -> Any:
        place, data = split(payload)
        kind = kinds.get(place)
        if kind is None:
            raise DoesNotFit(f"the file has no message {'.'.join(map(str, place))}")
        try:
            message = kind.FromString(data)
            if not message.IsInitialized():
                raise DoesNotFit(f"missing: {', '.join(message.FindInitializationErrors())}")
            return to_value(message)
        except DecodeError:
            raise DoesNotFit(f"it is no {kind.DESCRIPTOR.full_name}") from None
        except RecursionError:  # an Any may hold one, and so on
            raise DoesNotFit("it is nested too deeply") from None
        except (ValueError, OverflowError, TypeError) as error:
            raise DoesNotFit(f"{message_of(error)} ({type(error).__name__})") from None

    return decode
