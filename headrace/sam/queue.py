"""The queue of an SQS event: its name, and what the service takes of a mapping for it."""

from collections.abc import Mapping

from headrace.errors import SettingsError
from headrace.plan.given import Given
from headrace.plan.unknown import Unknown
from headrace.runner.settings import MappingSettings
from headrace.runner.sqs.check import wrong_for_queue
from headrace.sam.resolver import Resolver


def queue_by_name(queue: Unknown, resolver: Resolver) -> str | None:
    """Return the name of a queue of the template, if the template itself names it."""
    is_queue = resolver.type_of(queue.resource) == "AWS::SQS::Queue"
    return resolver.name_of(queue.resource) if is_queue else None


def check_queue(given: Mapping[str, Given]) -> None:
    """Refuse what the service would refuse. Raises SettingsError with the place.

    Args:
        given: the settings that an SQS event gives.
    """
    queue = given["queue"]
    name = "" if isinstance(queue.value, Unknown) else str(queue.value)
    if ":" in name and "".join(name.split(":")[2:3]) != "sqs":
        raise SettingsError(f"{queue.origin}: expected the ARN of an SQS queue, got {name!r}")
    told = {
        setting: given[setting].value
        for setting in ("batch_size", "maximum_batching_window_in_seconds")
        if setting in given and not isinstance(given[setting].value, Unknown)
    }
    wrong = wrong_for_queue(MappingSettings(**told), fifo=name.endswith(".fifo"))
    if wrong is not None:
        setting, why = wrong
        raise SettingsError(f"{given[setting].origin}: {why}")
