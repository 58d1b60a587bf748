"""Records for a function in a child process, and what is known of such processes."""

import psutil

from tests.support.runner import kafka_record

others: set[int] = set()  # what other tests have started, such as brokers


def records(*values, key=None):
    return [
        kafka_record(offset, value.encode(), key, timestamp=1)
        for offset, value in enumerate(values)
    ]


def children():
    return {child.pid for child in psutil.Process().children()} - others


def noted(path):
    return path.read_text().split() if path.exists() else []


def runs(pid):
    # Its parent is gone: whoever adopted it may leave it a zombie.
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
