"""Who may ask the registry: a name, a token, a client's certificate."""

import json
import ssl

import pytest

from headrace.errors import SettingsError
from headrace.payloads.registry.opening import open_registry
from headrace.payloads.schema import RegistryAway
from headrace.payloads.settings import RegistrySettings
from tests.support.certificates import Authority
from tests.support.payloads.messages import SCHEMAS
from tests.support.payloads.stand import Stand


def opened(url, environ=None, **settings):
    return open_registry(RegistrySettings(schema_registry_url=url, **settings), environ or {})


def test_a_name_and_a_password_sign_in(tmp_path):
    file = tmp_path / "secret.json"
    file.write_text('{"username": "ada", "password": "pass"}')
    by_file = {"schema_registry_credentials_file": str(file)}
    by_variable = {"schema_registry_username": "ada"}
    for settings in (by_file, by_variable):
        with Stand() as stand:
            opened(stand.url, {"HEADRACE_SCHEMA_REGISTRY_PASSWORD": "pass"}, **settings).schema(1)
        assert stand.asked[0][1]["Authorization"] == "Basic YWRhOnBhc3M="


def test_a_token_signs_in():
    with Stand() as stand:
        opened(stand.url, {"HEADRACE_SCHEMA_REGISTRY_TOKEN": "t0\n"}).schema(1)
    assert stand.asked[0][1]["Authorization"] == "Bearer t0"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"token": "s3cr\net"}, "the token of the schema registry holds what no header may"),
        ({"token": "s3cr\u20ac"}, "the token of the schema registry holds what no header may"),
        ({"certificate": "s3cr"}, "certificate and privateKey go together"),
        ({"authorities": "s3cr\u20ac"}, "TLS: "),
        ({"certificate": "s3cr\u20ac", "privateKey": "s3cr"}, "TLS: "),
    ],
)
def test_credentials_that_no_client_can_use_are_told_at_the_start(tmp_path, told, said):
    file = tmp_path / "secret.json"
    file.write_text(json.dumps(told))

    with pytest.raises(SettingsError, match=said) as raised:
        opened("https://localhost:1", schema_registry_credentials_file=str(file))
    assert "s3cr" not in str(raised.value)


@pytest.mark.parametrize("signs_in", [True, False])
def test_tls_with_an_authority_of_ones_own_and_a_clients_certificate(tmp_path, signs_in):
    authority = Authority(tmp_path)
    certificate, key = authority.issue("server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority.file)
    context.verify_mode = ssl.CERT_REQUIRED
    own, own_key = authority.issue("client")
    settings = {"schema_registry_ca_location": str(authority.file)}
    if signs_in:
        settings["schema_registry_certificate_location"] = str(own)
        settings["schema_registry_key_location"] = str(own_key)
    stand = Stand()
    stand._server.socket = context.wrap_socket(stand._server.socket, server_side=True)
    stand._server.handle_error = lambda *_: None
    with stand:
        registry = opened(f"https://{stand.address}", **settings)
        if signs_in:
            assert registry.schema(1).text == SCHEMAS["AVRO"][0]
        else:
            with pytest.raises(RegistryAway):
                registry.schema(1)


def test_certificates_may_come_in_the_secret_itself(tmp_path):
    authority = Authority(tmp_path)
    certificate, key = authority.issue("client", b"secret")
    file = tmp_path / "secret.json"
    secret = {
        "certificate": certificate.read_text(),
        "privateKey": key.read_text(),
        "privateKeyPassword": "secret",
        "authorities": authority.file.read_text(),
    }
    file.write_text(json.dumps(secret), "utf-8-sig")  # as editors and shells on Windows write it
    opened("https://127.0.0.1:1", schema_registry_credentials_file=str(file))
    file.write_text(json.dumps({**secret, "privateKeyPassword": "wrong"}))
    with pytest.raises(SettingsError, match="TLS: credentials"):
        opened("https://127.0.0.1:1", schema_registry_credentials_file=str(file))
