"""What a test does when the machine lacks something it needs."""

import os
from typing import NoReturn

import pytest


def skip_or_fail(reason: str) -> NoReturn:
    """Skips with the reason; where HEADRACE_STRICT=1 (continuous integration), fails with it."""
    if os.environ.get("HEADRACE_STRICT") == "1":
        pytest.fail(f"HEADRACE_STRICT=1 forbids skipping: {reason}", pytrace=False)
    pytest.skip(reason)
