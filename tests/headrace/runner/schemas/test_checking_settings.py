"""What the settings of a schema check say: its secrets, and what does not go together."""

import json

import boto3
import pytest
from moto import mock_aws

from headrace.errors import SettingsError
from headrace.runner.schemas.secrets import read_secrets
from headrace.runner.settings import MappingSettings

SECRET = {"username": "ada", "password": "pass"}


@pytest.mark.parametrize(
    ("kind", "secret", "why"),
    [
        ("BASIC_AUTH", json.dumps(SECRET), None),
        ("SERVER_ROOT_CA_CERTIFICATE", '{"certificate": "PEM"}', None),
        ("CLIENT_CERTIFICATE_TLS_AUTH", '{"certificate": "c", "privateKey": "k"}', None),
        ("BASIC_AUTH", '{"username": "ada"}', "has no password, which BASIC_AUTH needs"),
        ("BASIC_AUTH", "pass", "is not a JSON object"),
        ("BASIC_AUTH", None, "cannot be read: .*ResourceNotFoundException"),
    ],
)
def test_secrets_have_the_shapes_of_aws(kind, secret, why, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with mock_aws():
        arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:none"
        if secret is not None:
            client = boto3.client("secretsmanager", "eu-west-1")
            arn = client.create_secret(Name="registry", SecretString=secret)["ARN"]
        if why is None:
            found = read_secrets({kind: arn})
            values = [getattr(found, name) for name in found.__struct_fields__]
            assert {one for one in values if one} == set(json.loads(secret).values())
            return
        with pytest.raises(SettingsError, match=why) as raised:
            read_secrets({kind: arn})
        assert "pass\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"schema_registry_url": "http://h"}, "needs HEADRACE_SCHEMA_VALIDATION_ATTRIBUTES"),
        ({"schema_validation_attributes": ("KEY",)}, "needs HEADRACE_SCHEMA_REGISTRY_URL"),
        ({"schema_registry_access": {"OAUTH": "arn"}}, "choose BASIC_AUTH, .*, not OAUTH"),
    ],
)
def test_what_does_not_go_together_is_one_line(settings, why):
    with pytest.raises(SettingsError, match=why):
        MappingSettings(event_record_format="JSON", **settings).check()


def test_it_is_for_kafka_alone():
    with pytest.raises(SettingsError, match="is for Kafka"):
        MappingSettings(event_record_format="JSON").check_source("kinesis")
