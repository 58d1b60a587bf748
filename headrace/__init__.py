"""One worker base for Kafka, Kinesis and model inference, on AWS Lambda and everywhere else.

What you write: a class with `process(record)`, and one line that makes a handler of it.

    from headrace import Record, Reject, Worker, lambda_handler

    class Orders(Worker):
        def process(self, record: Record) -> dict[str, object]:
            order = record.json()                      # not JSON? to the dead letters
            if order["amount"] < 0:
                raise Reject("amount is negative")     # never going to work: dead letter now
            return {"id": order["id"], "ok": True}     # to the caller, or to the sink

    handler = lambda_handler(Orders)

How it runs: on AWS Lambda the handler takes the events of MSK, Kinesis, SQS, HTTP and others. The
same class runs as `headrace run orders --kafka HOST:PORT --topic TOPIC`, which polls the source
itself, as `headrace serve orders`, and as `headrace invoke orders --event order.json`.

What holds: a position moves only after success. A record that fails is tried again and holds back
the later records of its own key, no others. Delivery is at least once.

Where the rest is: `headrace.testing` tests workers without a broker, `headrace.store` keeps models,
`ModelWorker` serves one, `headrace.images` reads pictures, `headrace.sinks` writes results,
`headrace.runner` is the event source mapping as a function. What `__all__` of these modules names
is public; everything else may change.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headrace.endpoint import Endpoint
    from headrace.errors import Reject
    from headrace.handler import lambda_handler
    from headrace.idempotency.decorator import once
    from headrace.model_worker import ModelWorker
    from headrace.record import Record
    from headrace.reply import Reply
    from headrace.window_worker import WindowWorker
    from headrace.worker import Worker

__version__ = "0.2.0"

__all__ = [
    "Endpoint",
    "ModelWorker",
    "Record",
    "Reject",
    "Reply",
    "WindowWorker",
    "Worker",
    "lambda_handler",
    "once",
]

_PLACES = {
    "Endpoint": "endpoint",
    "ModelWorker": "model_worker",
    "Record": "record",
    "Reject": "errors",
    "Reply": "reply",
    "WindowWorker": "window_worker",
    "Worker": "worker",
    "lambda_handler": "handler",
    "once": "idempotency.decorator",
}

if not TYPE_CHECKING:  # else any name would pass for one of this module's

    def __getattr__(name: str) -> object:
        """Import what is asked for: pytest loads our plugin in suites that use nothing of it."""
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
