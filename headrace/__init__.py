"""Write `process(record)` once; run it on AWS Lambda, on a stream and behind HTTP."""

from headrace.errors import Reject
from headrace.handler import lambda_handler
from headrace.record import Record
from headrace.reply import Reply
from headrace.worker import Worker

__version__ = "0.2.0"

__all__ = ["Record", "Reject", "Reply", "Worker", "lambda_handler"]
