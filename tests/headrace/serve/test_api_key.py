"""Callers, and what every answer says to a browser."""

import pytest

from headrace.errors import SettingsError
from headrace.web.api_key import ApiKey
from tests.support.serving import Echo

KEY = "0123456789abcdef"


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": f"Bearer {KEY}"}, {"authorization": f"bearer {KEY}"}, {"X-API-Key": KEY}],
)
def test_who_knows_the_key_is_answered(start, headers):
    assert start(api_key=KEY).ask(headers=headers)[0] == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": KEY}, {"Authorization": f"Bearer {KEY}x"}, {"X-API-Key": "é"}],
)
def test_nobody_else_reaches_a_worker(start, headers):
    status, found, _ = start(api_key=KEY).ask(headers=headers)
    assert (status, found["www-authenticate"], found["connection"]) == (401, "Bearer", "close")
    assert Echo.calls == 0


def test_probes_need_no_key(start):
    server = start(api_key=KEY)
    assert [server.ask("GET", path)[0] for path in ("/healthz", "/readyz")] == [200, 200]


def test_a_key_that_could_be_guessed_is_refused():
    with pytest.raises(SettingsError, match="HEADRACE_API_KEY has 5 characters"):
        ApiKey.from_environment({"HEADRACE_API_KEY": "guess"})


@pytest.mark.parametrize("body", [b"", b"reject", b"fail"])
def test_every_answer_tells_browsers_to_trust_it_little(start, body):
    _, headers, _ = start().ask(body=body)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


def test_a_request_keeps_its_name_and_gets_one_if_it_has_none(start):
    server = start()
    assert server.ask(headers={"X-Request-Id": "order-7"})[1]["x-request-id"] == "order-7"
    names = {server.ask(headers={"X-Request-Id": bad})[1]["x-request-id"] for bad in ("", "a b")}
    assert len(names) == 2
    assert all(len(name) == 32 for name in names)
