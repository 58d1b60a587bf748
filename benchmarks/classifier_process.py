"""Our classifier in a process of its own.

`cold EVENT` answers one event, `warm EVENT` times many,
`reads EVENT` counts the bytes that a first answer takes from the model root.
"""

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any


def reads(event: dict[str, Any]) -> dict[str, int]:
    """Answer, and tell the bytes that were read of each file below the model root."""
    from headrace.store import safe_read

    taken: dict[str, int] = {}
    original = safe_read.read_file

    def counting(root: Path, path: str, limit: int) -> bytes:
        content = original(root, path, limit)
        taken[path] = taken.get(path, 0) + len(content)
        return content

    safe_read.read_file = counting  # before the store is imported, so that it takes this one
    from workers.tumor_classifier import handler

    handler(event)
    return taken


def cold(event: dict[str, Any]) -> None:
    """Answer, then wait until the benchmark has looked at our memory."""
    from workers.tumor_classifier import handler

    sys.stdout.write(json.dumps(handler(event)) + "\n")
    sys.stdout.flush()
    time.sleep(60)


def warm(event: dict[str, Any]) -> dict[str, float]:
    """Median milliseconds of one call, and of the model alone for 10,000 rows."""
    import numpy as np

    from headrace.settings import read
    from headrace.store.settings import StoreSettings
    from models.tumor.model import TumorModel
    from workers.tumor_classifier import handler

    single = _median(lambda: handler(event), 2000)
    model = TumorModel.load(read(StoreSettings).store().open("tumor"))
    one = np.array([list(event.values())], np.float32)
    rows = np.repeat(one, 10_000, axis=0)
    return {"milliseconds": single, "batch_milliseconds": _median(lambda: model.predict(rows), 20)}


def _median(call: Any, times: int) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken[len(taken) // 10 :]) * 1000


if __name__ == "__main__":
    verb, path = sys.argv[1:]
    given = json.loads(Path(path).read_text())
    if verb == "cold":
        cold(given)
    else:
        figures = warm(given) if verb == "warm" else reads(given)
        sys.stdout.write(json.dumps(figures) + "\n")
