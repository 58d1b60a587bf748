"""Where a function elsewhere is said to be: an ARN, a URL, or nothing that one could start with."""

import pytest

from headrace.errors import NotDone, SettingsError
from headrace.runner.function.http import HttpFunction
from headrace.runner.function.open import open_invoker
from headrace.runner.settings import MappingSettings
from tests.support.function.lambda_api import ARN, NAME, Emulator
from tests.support.function.records import RECORDS


def test_a_path_of_the_url_s_own_is_kept():
    with Emulator(lambda event, context: None) as api:
        url = f"{api.url}/2015-03-31/functions/other/invocations"
        invoke = open_invoker(None, lambda records: {}, MappingSettings(function=url))
        assert not invoke(RECORDS).failures
        invoke.close()


def test_an_arn_names_the_region(service, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    invoke = open_invoker(None, lambda records: {}, MappingSettings(function=ARN))
    assert not invoke(RECORDS).failures
    invoke.close()


def test_without_a_region_the_start_says_so(monkeypatch):
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError, match="region"):
        open_invoker(None, lambda records: {}, MappingSettings(function=NAME))


@pytest.mark.parametrize("url", ["http://", "http://host:port", "https://[::1"])
def test_a_url_that_is_none_ends_the_start(url):
    with pytest.raises(SettingsError, match="FUNCTION"):
        open_invoker(None, lambda records: {}, MappingSettings(function=url))


def test_a_mapping_without_a_function_ends_the_start():
    with pytest.raises(SettingsError, match="FUNCTION"):
        open_invoker(None, lambda records: {}, MappingSettings())


def test_the_password_in_an_address_is_not_told():
    """The log says where the function is, while it is out of reach."""
    function = HttpFunction("http://user:secret@127.0.0.1:1", 1.0, 1)
    with pytest.raises(NotDone) as away:
        function({})
    function.close()

    assert "http://***@127.0.0.1:1 is out of reach" in str(away.value)
    assert "secret" not in str(away.value)
