"""The registry as a process: `python -m headrace.testing.schema_registry 8081 schemas.jsonl`."""

import signal
import sys
import threading
from pathlib import Path

from headrace.errors import HeadraceError
from headrace.testing.schema_registry.server import running_registry


def main(port: int, journal: Path | None) -> int:
    """Serve until a signal."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        with running_registry(journal, port):
            stop.wait()
    except HeadraceError as error:  # its log is what the command shows
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
