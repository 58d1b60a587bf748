"""Wrong settings of a registry are told at the start."""

import pytest

from headrace.errors import SettingsError
from headrace.testing import run
from tests.support.payloads.stand import Orders


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"schema_registry_url": "ftp://host"}, "expected http://HOST:PORT"),
        ({"schema_registry_url": "registry:8081"}, "expected http://HOST:PORT"),
        ({"schema_registry_url": "http://host:port"}, "expected http://HOST:PORT"),
        ({"schema_registry_url": "http://host:99999"}, "expected http://HOST:PORT"),
        ({"schema_registry_url": "http://host:0"}, "expected http://HOST:PORT"),
        ({"schema_registry_url": "http://[::1"}, "expected http://HOST:PORT"),
        ({"schema_registry_url": "http://host\r\nX: y"}, "expected http://HOST:PORT"),
        ({"schema_registry_url": "http://ada:pass@host"}, "no user and no password"),
        ({"schema_registry_url": "http://host?x=1"}, "no query"),
        ({"schema_registry_url": "glue://eu-west-1/registry"}, "write glue://REGION"),
        ({"schema_registry_url": "glue://ada:pass@eu-west-1"}, r"glue://\*\*\*@eu-west-1: write"),
        ({"schema_registry_url": "glue://[eu-west-1"}, "write glue://REGION"),
        ({"schema_registry_url": None}, "is missing"),
        ({"schema_registry_username": "ada"}, "needs the variable HEADRACE_SCHEMA_REGISTRY_PASS"),
        ({"schema_registry_ca_location": "/none.pem"}, "TLS: /none.pem: No such file"),
        ({"schema_registry_certificate_location": "/none.pem"}, "go together"),
        ({"schema_registry_credentials_file": "/none.json"}, "No such file"),
    ],
)
def test_a_wrong_setting_is_one_line_at_the_start_that_names_it(settings, why):
    told = {"schema_registry_url": "https://host", **settings}
    with pytest.raises(SettingsError, match=why) as raised:
        run(Orders, [b""], value_frame="confluent", **told)
    assert "pass@" not in str(raised.value)


@pytest.mark.parametrize("part", ["value", "key"])
@pytest.mark.parametrize(
    ("frame", "url", "needed"),
    [
        ("confluent", "glue://eu-west-1", "http://HOST:PORT or https://HOST"),
        ("confluent-header", "glue://eu-west-1", "http://HOST:PORT or https://HOST"),
        ("glue", "http://127.0.0.1:1", "glue://REGION"),
    ],
)
def test_a_frame_of_another_registry_is_refused_at_the_start(part, frame, url, needed):
    """Each record waited, as for a registry that is away."""
    told = f"HEADRACE_{part.upper()}_FRAME={frame} needs HEADRACE_SCHEMA_REGISTRY_URL={needed}"
    with pytest.raises(SettingsError, match=told):
        run(Orders, [b""], schema_registry_url=url, **{f"{part}_frame": frame})


@pytest.mark.parametrize("url", ["glue://", "glue://no such region"])
def test_a_region_of_glue_that_is_none_is_told_at_the_start(url, monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(SettingsError, match=r"the schema registry of Glue: .*egion"):
        run(Orders, [b""], value_frame="glue", schema_registry_url=url)
