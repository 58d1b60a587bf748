"""The registry over HTTP: who may ask, what is asked once, what is a reject and what a retry."""

import contextlib
import json
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
import urllib3

from headrace import Worker
from headrace.errors import SettingsError
from headrace.payloads.registry.cache import MOST, SchemaCache
from headrace.payloads.registry.http import HttpRegistry
from headrace.payloads.registry.opening import open_registry
from headrace.payloads.schema import RegistryAway, UnknownSchema
from headrace.payloads.settings import RegistrySettings
from headrace.testing import run
from tests.support.certificates import Authority
from tests.support.http_server import LoopbackServer, QuietHandler
from tests.support.payloads.messages import ORDER, SCHEMAS

AVRO = json.dumps({"schema": SCHEMAS["AVRO"][0]}).encode()


class Orders(Worker):
    def process(self, record):
        return record.data


class Stand(LoopbackServer):
    """Answers every request alike, and keeps what was asked."""

    def __init__(self, status=200, body=AVRO, headers=None):
        super().__init__(_Answering)
        self.status, self.body, self.headers, self.asked = status, body, headers or {}, []

    @property
    def url(self):
        return f"http://{self.address}"


class _Answering(QuietHandler):
    def do_GET(self):
        owner = self.server.owner
        owner.asked.append((self.path, dict(self.headers)))
        self.reply(owner.status, owner.body, owner.headers)


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


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, b"{}"),
        (500, b'{"error_code": 50001, "message": "no"}'),
        (401, b'{"error_code": 40101, "message": "Unauthorized"}'),
        (404, b"<html>no such path</html>"),
        (404, b'{"error_code": 404, "message": "HTTP 404 Not Found"}'),
        (302, b""),
        (200, b"nonsense"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"schema": "\\"string\\"", "references": 5}'),
        (200, b'{"schema": "\\"string\\"", "references": [{"name": "a"}]}'),
        (200, b'{"schema": "\\"string\\"", "references": ["a"]}'),
        (200, b'{"schema": "' + b"x" * 9_000_000 + b'"}'),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_answer_of_a_registry_is_a_retry_and_no_reject(status, body):
    with Stand(status, body) as stand:
        result = run(
            Orders, [b"\0\0\0\0\1x"], value_frame="confluent", schema_registry_url=stand.url
        )
    assert not result.rejects
    assert type(result.failures[0]) is RegistryAway
    is_none = body in {b"nonsense", b"[]", b"<html>no such path</html>"}
    assert not is_none or f"answered {status} without a JSON object" in str(result.failures[0])


class _Dripping(QuietHandler):
    """Sends an answer that never ends, byte by byte."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b" ")
                sleep(0.01)


def test_an_answer_that_does_not_end_is_not_waited_for():
    with LoopbackServer(_Dripping) as server, urllib3.PoolManager(retries=False) as pool:
        registry = HttpRegistry([f"http://{server.address}"], pool, {}, seconds=0.2)
        with pytest.raises(RegistryAway, match=r"an answer of more than 0\.2 seconds"):
            registry.schema(1)


def test_a_schema_that_the_registry_does_not_know_is_a_reject_and_asked_for_once():
    body = b'{"error_code": 40403, "message": "Schema 9 not found"}'
    with Stand(404, body) as stand:
        told = {"value_frame": "confluent", "schema_registry_url": stand.url}
        result = run(Orders, [b"\0\0\0\0\x09x"] * 20, **told)
    assert {letter.error for letter in result.rejects.values()} == {
        "the value cannot be read: the schema registry has no schema 9"
    }
    assert len(result.rejects) == 20
    assert len(stand.asked) == 1


def test_a_registry_that_is_away_holds_up_a_batch_once_and_the_records_come_again(
    registry, producer
):
    record = producer.record("AVRO", "v0", ORDER)
    told = {"value_frame": "confluent", "schema_registry_url": "http://127.0.0.1:1"}
    assert all(
        type(e) is RegistryAway for e in run(Orders, [record] * 50, **told).failures.values()
    )
    told["schema_registry_url"] = f"http://127.0.0.1:1,{registry.url}"  # another one answers
    assert run(Orders, [record], **told).results == [ORDER]


def test_threads_that_need_a_schema_ask_for_it_once():
    asked, go = [], threading.Event()

    def load(schema):
        asked.append(schema)
        go.wait(5)
        return f"schema {schema}"

    cache = SchemaCache(load)
    with ThreadPoolExecutor(16) as pool:
        found = [pool.submit(cache.get, schema) for schema in (1, 2) * 8]
        go.set()
        assert {one.result() for one in found} == {"schema 1", "schema 2"}
    assert sorted(asked) == [1, 2]


@pytest.mark.parametrize(("error", "seconds"), [(UnknownSchema, 30), (RegistryAway, 1)])
def test_a_failure_is_remembered_for_a_while(error, seconds):
    now, asked = [0.0], []

    def load(schema):
        asked.append(schema)
        raise error("no")

    cache = SchemaCache(load, clock=lambda: now[0])
    for time, times in ((0, 1), (seconds - 0.1, 1), (seconds + 0.1, 2)):
        now[0] = time
        with pytest.raises(error, match="no"):
            cache.get(1)
        assert len(asked) == times


def test_what_is_kept_is_bounded():
    def load(schema):
        if schema % 2:
            raise UnknownSchema("no")
        return schema

    cache = SchemaCache(load)
    for schema in range(3 * MOST):
        with contextlib.suppress(UnknownSchema):
            cache.get(schema)
    assert len(cache.ready) == len(cache._failures) == MOST
    assert not cache._flights


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
