"""How Kafka clients sign in: contradictions are one clear line, and secrets show nowhere."""

import msgspec
import orjson
import pytest

from headrace.errors import SettingsError
from headrace.kafka.security import SECRETS, KafkaSecurity
from headrace.settings import read, variable

BOOTSTRAP = "b-1.orders.abc123.c2.kafka.eu-west-1.amazonaws.com:9098"


@pytest.fixture(autouse=True)
def _no_secrets_from_outside(monkeypatch):
    for name in SECRETS:
        monkeypatch.delenv(variable(name), raising=False)


@pytest.fixture
def files(tmp_path):
    """Files by name, each with some text."""

    def make(name: str, content: object = "pem") -> str:
        file = tmp_path / name
        file.write_bytes(orjson.dumps(content))
        return str(file)

    return make


def test_nothing_set_is_no_setting():
    assert KafkaSecurity().security_config("h:9092") == {}


def test_the_protocol_follows_from_what_is_given(files):
    ca = {"ssl_ca_location": files("ca")}
    assert KafkaSecurity(**ca).security_config("h:1")["security.protocol"] == "SSL"
    named = KafkaSecurity(sasl_mechanism="PLAIN", sasl_username="u")
    assert named.security_config("h:1", {"sasl_password": "p"}) == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanisms": "PLAIN",
        "sasl.username": "u",
        "sasl.password": "p",
    }


def test_a_password_comes_from_its_variable_and_shows_nowhere(monkeypatch):
    monkeypatch.setenv("HEADRACE_SASL_PASSWORD", "hush")
    variables = {
        "HEADRACE_SASL_MECHANISM": "SCRAM-SHA-512",
        "HEADRACE_SASL_USERNAME": "u",
        "HEADRACE_SASL_PASSWORD": "hush",
    }
    security = read(KafkaSecurity, variables)
    assert security.security_config("h:1")["sasl.password"] == "hush"
    assert "hush" not in repr(security) + str(msgspec.structs.asdict(security))


def test_a_secret_s_file_gives_a_name_and_a_password_or_a_certificate_and_a_key(files):
    by_name = {"username": "u", "password": "p", "engine": "more that the secret may hold"}
    security = KafkaSecurity(
        sasl_mechanism="SCRAM-SHA-512", credentials_file=files("name", by_name)
    )
    config = security.security_config("h:1")
    assert (config["sasl.username"], config["sasl.password"]) == ("u", "p")
    pem = {"certificate": "C", "privateKey": "K", "privateKeyPassword": "P"}
    assert KafkaSecurity(credentials_file=files("pem", pem)).security_config("h:1") == {
        "security.protocol": "SSL",
        "ssl.certificate.pem": "C",
        "ssl.key.pem": "K",
        "ssl.key.password": "P",
    }


def test_the_region_of_iam_is_in_the_brokers_names_or_given(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    asked = []
    monkeypatch.setattr(
        "headrace.kafka.msk_iam.client_settings", lambda region: asked.append(region) or {}
    )
    KafkaSecurity(sasl_mechanism="AWS_MSK_IAM").security_config(BOOTSTRAP)
    serverless = "boot-x.c1.kafka-serverless.us-east-2.amazonaws.com:9098"
    KafkaSecurity(sasl_mechanism="AWS_MSK_IAM").security_config(serverless)
    KafkaSecurity(sasl_mechanism="AWS_MSK_IAM").security_config("broker:9098")
    KafkaSecurity(sasl_mechanism="AWS_MSK_IAM", region="eu-west-3").security_config(BOOTSTRAP)
    assert asked == ["eu-west-1", "us-east-2", "eu-north-1", "eu-west-3"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        (
            {"security_protocol": "PLAINTEXT", "sasl_mechanism": "PLAIN"},
            "HEADRACE_SECURITY_PROTOCOL",
        ),
        ({"security_protocol": "SASL_SSL"}, "HEADRACE_SASL_MECHANISM"),
        ({"sasl_mechanism": "PLAIN"}, "HEADRACE_SASL_USERNAME"),
        ({"sasl_mechanism": "PLAIN", "sasl_username": "u"}, "HEADRACE_SASL_PASSWORD"),
        ({"sasl_username": "u"}, "HEADRACE_SASL_MECHANISM"),
        ({"sasl_mechanism": "AWS_MSK_IAM", "sasl_username": "u"}, "AWS_MSK_IAM"),
        (
            {"sasl_mechanism": "AWS_MSK_IAM", "security_protocol": "SASL_PLAINTEXT"},
            "AWS_MSK_IAM",
        ),
        ({"ssl_certificate_location": "c"}, "HEADRACE_SSL_KEY_LOCATION"),
        ({"ssl_ca_location": "/no/such/file"}, "HEADRACE_SSL_CA_LOCATION"),
        ({"credentials_file": "/no/such/file"}, "HEADRACE_CREDENTIALS_FILE"),
    ],
)
def test_a_contradiction_is_one_line_that_names_it(fields, named):
    with pytest.raises(SettingsError, match=named) as caught:
        KafkaSecurity(**fields).security_config("h:1")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    ["hush", {"username": 1, "password": "hush"}, {"username": "u"}, {"certificate": "hush"}, {}],
)
def test_a_secret_of_another_shape_is_named_by_its_file_not_by_its_content(files, content):
    file = files("secret", content)
    with pytest.raises(SettingsError, match="HEADRACE_CREDENTIALS_FILE") as caught:
        KafkaSecurity(credentials_file=file).security_config("h:1")
    assert "hush" not in str(caught.value)


def test_a_secret_s_file_may_begin_with_a_byte_order_mark(tmp_path):
    """As editors and shells on Windows write it; another encoding is told as no JSON."""
    file = tmp_path / "secret"
    secret = '{"username": "u", "password": "p"}'
    file.write_bytes(secret.encode("utf-8-sig"))
    told = KafkaSecurity(sasl_mechanism="PLAIN", credentials_file=str(file))
    assert told.security_config("h:1")["sasl.username"] == "u"
    file.write_bytes(secret.encode("utf-16"))
    with pytest.raises(SettingsError, match="not a JSON object of strings"):
        told.security_config("h:1")


def test_what_is_given_twice_is_refused(files):
    by_name = files("name", {"username": "u", "password": "p"})
    with pytest.raises(SettingsError, match="both"):
        KafkaSecurity(
            sasl_mechanism="PLAIN", sasl_username="u", credentials_file=by_name
        ).security_config("h:1")
    pem = files("pem", {"certificate": "C", "privateKey": "K"})
    own = {"ssl_certificate_location": files("c"), "ssl_key_location": files("k")}
    with pytest.raises(SettingsError, match="both"):
        KafkaSecurity(credentials_file=pem, **own).security_config("h:1")


def test_a_connection_without_tls_takes_no_certificates(files):
    with pytest.raises(SettingsError, match="PLAINTEXT"):
        KafkaSecurity(security_protocol="PLAINTEXT", ssl_ca_location=files("ca")).security_config(
            "h:1"
        )
