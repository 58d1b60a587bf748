"""Types that many threads use for the first time at once."""

import subprocess
import sys

import msgspec
import pytest

from headrace.prepared import prepared

# In a process of its own, since what goes wrong ends it.
AT_ONCE = """
import sys, threading
import msgspec
from headrace.errors import SettingsError
from headrace.sam.checks import as_struct
from headrace.sam.properties import KINDS

sys.setswitchinterval(1e-6)
barrier = threading.Barrier(16)

def read():
    barrier.wait()
    for kind in KINDS.values():
        try:
            as_struct({"Topics": ["orders"], "StartingPosition": "LATEST"}, kind, "Events.One")
        except SettingsError:
            pass

threads = [threading.Thread(target=read) for _ in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


@pytest.mark.slow
def test_many_threads_may_begin_with_it_at_once():
    """Without preparation, every fourth of these processes ended by SIGSEGV."""
    codes = [subprocess.run([sys.executable, "-c", AT_ONCE]).returncode for _ in range(20)]
    assert codes == [0] * 20


def test_it_is_the_type_itself():
    class Order(msgspec.Struct):
        number: int

    assert prepared(Order) is Order
    assert prepared(Order | None) == (Order | None)
