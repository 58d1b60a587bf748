import subprocess
import sys

import pytest

# A new buffer of 4 MB each time, all of it written to: what a detector does for every image.
CHURN = """
import resource, sys
from models.detector.memory import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for warm in range(3):
    bytes(bytearray(4 << 20))
before = faults()
for turn in range(20):
    bytes(bytearray(4 << 20))
print(faults() - before)
"""


def faults(how):
    command = [sys.executable, "-c", CHURN, how]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's settings")
def test_buffers_are_used_again_without_new_pages():
    assert faults("kept") < 1000 < faults("given back")
