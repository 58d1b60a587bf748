"""The handler that a plan names, told its settings."""

import os
from typing import Any

from headrace.errors import SettingsError
from headrace.handler import Handler
from headrace.kafka.security import KafkaSecurity
from headrace.plan.given import flag_of
from headrace.plan.plan import OF_THE_WORKER, Plan
from headrace.settings import variable

_OF_SINKS = ("bootstrap_servers", *KafkaSecurity.__struct_fields__)


def load_handler(plan: Plan) -> Any | None:
    """Import the handler and tell it its settings; nothing if the function is elsewhere.

    Raises:
        SettingsError: there is no such handler, or a flag has no effect on it.
    """
    settings = plan.worker()
    for name, value in plan.environment.items():
        os.environ.setdefault(name, value)  # the function's own, as on AWS
    if plan.load is None:
        return None
    handler = plan.load()
    if isinstance(handler, Handler):
        return handler.with_settings(settings, _told_to_sinks(plan))
    for name in OF_THE_WORKER:
        given = plan.given.get(name)
        if given is not None and given.origin == flag_of(name):
            raise SettingsError(
                f"{given.origin} is for a worker, but {plan.about['handler']} is a plain function"
            )
    return handler


def _told_to_sinks(plan: Plan) -> dict[str, str]:
    """Return what sinks take from the run, by variable.

    That is what flags say about Kafka, since sinks of Kafka connect alike; and the group, wherever
    it was given, since a table knows records by it.
    """
    given = {name: plan.given[name] for name in _OF_SINKS if name in plan.given}
    told = {variable(n): one.value for n, one in given.items() if one.origin == flag_of(n)}
    group = plan.given.get("group")
    return told if group is None else {**told, variable("group"): str(group.value)}
