"""The threads of a queue's mapping, and what broke one of them."""

import threading
from collections.abc import Callable


class Crew:
    """Starts threads.

    Attributes:
        broken: what ended one of them before its time; None as long as nothing did.
    """

    def __init__(self) -> None:
        self.broken: BaseException | None = None

    def start(self, name: str, work: Callable[[], None]) -> threading.Thread:
        """Start a thread that does this."""

        def guarded() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - raised again on the run's own thread
                self.broken = self.broken or error

        # A daemon: a handler that hangs must not keep the process from ending after its drain.
        thread = threading.Thread(target=guarded, name=name, daemon=True)
        thread.start()
        return thread
