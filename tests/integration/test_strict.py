"""A missing tool skips a test, except in continuous integration."""

import pytest

from tests.support.strict import skip_or_fail


def test_a_missing_tool_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADRACE_STRICT", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Java"):
        skip_or_fail("no Java")


def test_a_missing_tool_fails_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_STRICT", "1")
    with pytest.raises(pytest.fail.Exception, match="no Java"):
        skip_or_fail("no Java")
