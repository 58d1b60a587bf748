"""The handler that a plan names, told its settings."""

import os
from typing import Any

from headrace.errors import SettingsError
from headrace.handler import Handler
from headrace.kafka.security import KafkaSecurity
from headrace.plan.given import flag_of
from headrace.plan.plan import OF_THE_WORKER, Plan
from headrace.settings import variable

# What sinks of Kafka and the source of Kinesis events read by themselves.
_READ_BY_THEMSELVES = ("bootstrap_servers", *KafkaSecurity.__struct_fields__, "kpl_deaggregation")


def load_handler(plan: Plan) -> Any | None:
    """Import the handler and tell it its settings; nothing if the function is elsewhere.

    Raises:
        SettingsError: there is no such handler, or a flag has no effect on it.
    """
    settings = plan.worker()
    _set_variables(plan)
    if plan.load is None:
        return None
    handler = plan.load()
    if isinstance(handler, Handler):
        return handler.with_settings(settings)
    for name in OF_THE_WORKER:
        given = plan.given.get(name)
        if given is not None and given.origin == flag_of(name):
            raise SettingsError(
                f"{given.origin} is for a worker, but {plan.about['handler']} is a plain function"
            )
    return handler


def _set_variables(plan: Plan) -> None:
    for name, value in plan.environment.items():
        os.environ.setdefault(name, value)
    for name in _READ_BY_THEMSELVES:
        given = plan.given.get(name)
        if given is not None and given.origin == flag_of(name):
            os.environ[variable(name)] = given.value
