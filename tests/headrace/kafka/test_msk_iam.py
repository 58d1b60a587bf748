import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.credentials import ReadOnlyCredentials

from headrace.errors import SettingsError
from headrace.kafka import msk_iam

CREDENTIALS = ReadOnlyCredentials("AKIDEXAMPLE", "secret", "tok+/=en")


@pytest.fixture
def noon(monkeypatch):
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_: moment)


def decoded(token):
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()


def test_the_token_is_what_the_services_own_signer_makes(noon):
    """Taken from aws-msk-iam-sasl-signer-python 1.0.2, with these credentials at this moment."""
    assert decoded(msk_iam.token(CREDENTIALS, "eu-west-1")).split("&User-Agent=")[0] == (
        "https://kafka.eu-west-1.amazonaws.com/?Action=kafka-cluster%3AConnect"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Feu-west-1%2Fkafka-cluster%2Faws4_request"
        "&X-Amz-Date=20260102T030405Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
        "&X-Amz-Security-Token=tok%2B%2F%3Den&X-Amz-Signature="
        "995054baf8ff49d2b9f231e5a9da48d5d5d4bd52742afeab5607caeedce6b0ff"
    )


def test_it_goes_into_a_header_without_padding(noon):
    assert "=" not in msk_iam.token(CREDENTIALS, "us-east-1")


def test_librdkafka_asks_for_a_fresh_one(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    settings = msk_iam.client_settings("us-east-1")
    token, expires = settings["oauth_cb"]("")
    signed = parse_qs(urlsplit(decoded(token)).query)
    made = datetime.strptime(signed["X-Amz-Date"][0] + "+0000", "%Y%m%dT%H%M%SZ%z").timestamp()
    assert 0 <= expires - made - int(signed["X-Amz-Expires"][0]) < 60
    assert settings["security.protocol"] == "SASL_SSL"


def test_a_process_without_credentials_is_told_at_once(monkeypatch):
    monkeypatch.setattr("botocore.session.Session.get_credentials", lambda self: None)
    with pytest.raises(SettingsError, match="no AWS credentials"):
        msk_iam.client_settings("us-east-1")
