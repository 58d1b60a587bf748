"""What goes wrong with a producer of Kafka, in words."""

import threading

from confluent_kafka import KafkaError, KafkaException


class NotDeliveredError(KafkaException):
    """A message was not acknowledged; the text says why in words.

    Args:
        error: of the delivery report.
        trouble: what the client complained of last, such as a refused connection; may be empty.
    """

    def __init__(self, error: KafkaError, trouble: str) -> None:
        super().__init__(error)
        says_little = error.code() in {KafkaError._MSG_TIMED_OUT, KafkaError._FATAL}
        self._text = f"{error.str()}: {trouble}" if says_little and trouble else error.str()

    def __str__(self) -> str:
        return self._text


def is_fatal(error: KafkaError) -> bool:
    """Return whether the producer is of no more use."""
    return error.fatal() or error.code() == KafkaError._FATAL


def raised(error: BaseException | None) -> KafkaError:
    """Return what the client raised, which may be a fatal error: it has no callback for these.

    What is raised inside of its callbacks it may lose, and raises a SystemError instead: so it is
    with a fatal error before a delivery report, and with Ctrl-C, which only the main thread hears.
    """
    cause = error
    while isinstance(cause, SystemError):
        cause = cause.__cause__
    if isinstance(cause, KafkaException):
        found: KafkaError = cause.args[0]
        return found
    if threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt from error
    return KafkaError(KafkaError._FATAL)
