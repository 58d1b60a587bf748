"""A model that is its text, and what a test does with a live one."""

import threading

from tests.support.models.store import MODEL, description


def look(live):
    """Have a live model look at its alias, as it does while it serves, and wait until it has."""
    live.current()
    for thread in threading.enumerate():
        if thread.name == f"refresh-{MODEL}":
            thread.join()


def publish(store, text, **changes):
    return store.publish({"model": text.encode()}, description(**changes))


def load(version):
    """The model is its text; "bad" is one that fails its golden sample."""
    text = version.read("model").decode()
    if text.startswith("bad"):
        raise ValueError("the golden sample's answer is wrong")
    return text
