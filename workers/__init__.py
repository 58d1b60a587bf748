"""Everything that runs inside a container: the worker base, its event sources, and the workers."""

from workers.errors import Reject
from workers.handler import lambda_handler
from workers.record import Record
from workers.reply import Reply
from workers.worker import Worker

__all__ = ["Record", "Reject", "Reply", "Worker", "lambda_handler"]
