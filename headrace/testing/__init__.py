"""The test kit: everything that a test of a worker needs, and nothing that a worker needs.

A unit test gives a worker one batch, or one event:

    from headrace.testing import invoke, kafka_event, run

    def test_a_negative_amount_goes_to_the_dead_letters():
        result = run(Orders, [{"id": 1, "amount": 5}, {"id": 2, "amount": -5}])
        assert result.results[0] == {"id": 1, "ok": True}
        assert result.rejects[1].error == "amount is negative"

The page `docs/testing.md` shows the rest.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from headrace.extras import missing

if TYPE_CHECKING:
    from headrace.testing.events import kafka_event, kinesis_event
    from headrace.testing.http_events import http_event
    from headrace.testing.mock_cluster import embedded_kafka
    from headrace.testing.moto_server import aws_environment, embedded_kinesis
    from headrace.testing.records import direct_record, http_record, kafka_record, kinesis_record
    from headrace.testing.schema_registry.server import embedded_registry
    from headrace.testing.stream_run import StreamRun
    from headrace.testing.unit import RunResult, invoke, run

__all__ = [
    "RunResult",
    "StreamRun",
    "aws_environment",
    "direct_record",
    "embedded_kafka",
    "embedded_kinesis",
    "embedded_registry",
    "http_event",
    "http_record",
    "invoke",
    "kafka_event",
    "kafka_record",
    "kinesis_event",
    "kinesis_record",
    "run",
]

_HOMES = {
    "events": ("kafka_event", "kinesis_event"),
    "http_events": ("http_event",),
    "mock_cluster": ("embedded_kafka",),
    "moto_server": ("aws_environment", "embedded_kinesis"),
    "records": ("direct_record", "http_record", "kafka_record", "kinesis_record"),
    "schema_registry.server": ("embedded_registry",),
    "stream_run": ("StreamRun",),
    "unit": ("RunResult", "invoke", "run"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

if not TYPE_CHECKING:  # else any name would pass for one of this module's

    def __getattr__(name: str) -> Any:
        # Lazily: the fixtures and the brokers below live without what a test of a worker imports.
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        except ModuleNotFoundError as error:
            if told := missing(error):
                raise told from None
            raise
