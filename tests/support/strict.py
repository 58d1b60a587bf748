"""Nothing is skipped in continuous integration: if HEADRACE_STRICT=1, a test that skips fails."""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

R = TypeVar("R", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Judge a test, or its fixtures."""
    return _judge((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Judge a whole file."""
    return _judge((yield))


def _judge(report: R) -> R:
    is_skip = report.skipped and not hasattr(report, "wasxfail")
    if is_skip and os.environ.get("HEADRACE_STRICT") == "1":
        _, _, reason = report.longrepr  # (file, line, reason)
        report.outcome = "failed"
        report.longrepr = f"HEADRACE_STRICT=1 forbids skipping: {reason.removeprefix('Skipped: ')}"
    return report
