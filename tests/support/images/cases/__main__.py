"""Goes through every hostile case for the image loader, and prints by how much it grew."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from headrace.images import ImageLoader, decode
from tests.support.images.cases.files import FILES
from tests.support.images.cases.metadata import METADATA
from tests.support.images.cases.routes import ROUTES, hostile_server
from tests.support.images.cases.sound import PNG
from tests.support.images.cases.urls import ANSWERS, URLS
from tests.support.images.loaders import PUBLIC, refused_by, route_loader, url_loader
from tests.support.images.pixels import MAX_PIXELS


def _go_through_all() -> int:
    """Returns how many were refused as they should be; says which were not."""
    offered: list[tuple[str, str, Callable[[], object]]] = []
    for url, kind in URLS.items():
        offered.append((url, kind, lambda url=url: url_loader(PUBLIC).fetch(url)))
    for addresses, kind in ANSWERS.items():
        loader = url_loader(*addresses)
        offered.append((str(addresses), kind, lambda loader=loader: loader.fetch("https://a.com/")))
    for data in METADATA.values():
        decode(data, max_pixels=MAX_PIXELS)
    for name, (data, kind) in FILES.items():
        offered.append((name, kind, lambda data=data: decode(data, max_pixels=MAX_PIXELS)))
    with hostile_server() as server:
        loader = route_loader(server, image_deadline_seconds=3.0)
        for name, (_, kind) in ROUTES.items():
            url = server.url(f"/{name}")
            if kind not in {"", "timeout"}:  # patience costs no memory
                offered.append((name, kind, lambda url=url: _load(loader, url)))
        results = [(name, kind, refused_by(action)) for name, kind, action in offered]
    # Counting ten megabytes byte by byte may take longer than the deadline: refused all the same.
    wrong = [case for case in results if not case[2] or case[2].kind not in {case[1], "timeout"}]
    sys.stderr.writelines(f"{case}\n" for case in wrong)
    return len(results) - len(wrong)


def _load(loader: ImageLoader, url: str) -> object:
    return decode(loader.fetch(url), max_pixels=MAX_PIXELS)


def _peak() -> int:
    """The most memory that was ever resident, in bytes; the kernel's own mark, Linux only.

    Not getrusage: a child's ru_maxrss starts at its parent's.
    """
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


if __name__ == "__main__":
    decode(PNG, max_pixels=MAX_PIXELS)  # imports Pillow
    process = psutil.Process()
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak of making the files
    before = process.memory_info().rss
    count = _go_through_all()
    grown = {"peak": _peak() - before, "after": process.memory_info().rss - before}
    sys.stdout.write(json.dumps({"refused": count, **grown}) + "\n")
