"""A missing tool skips a test, except in continuous integration."""

import pytest

TESTS = """
import pytest

@pytest.fixture
def kafka():
    pytest.skip("no Java")

def test_with_a_broker(kafka):
    pass

def test_that_skips_itself():
    pytest.skip("no Java")

@pytest.mark.skipif(True, reason="no Java")
def test_that_is_skipped():
    pass

@pytest.mark.xfail
def test_that_is_known_to_fail():
    assert False

def test_that_passes():
    pass
"""


@pytest.fixture
def run(pytester: pytest.Pytester):
    """The outcome of the tests, and of a file that skips itself as it is read."""

    def run() -> pytest.RunResult:
        pytester.makepyfile(TESTS)
        pytester.makepyfile(test_other="import pytest\npytest.importorskip('no_such_module')")
        return pytester.runpytest_inprocess(
            "-p", "tests.support.strict", "--continue-on-collection-errors"
        )

    return run


def test_a_missing_tool_skips(run, monkeypatch):
    monkeypatch.delenv("HEADRACE_STRICT", raising=False)
    run().assert_outcomes(passed=1, skipped=4, xfailed=1)


def test_a_missing_tool_fails_where_that_is_asked_for(run, monkeypatch):
    monkeypatch.setenv("HEADRACE_STRICT", "1")
    result = run()
    result.assert_outcomes(passed=1, failed=1, errors=3, xfailed=1)
    result.stdout.fnmatch_lines(["*HEADRACE_STRICT=1 forbids skipping: *no Java"])
