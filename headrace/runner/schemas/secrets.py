"""What signs in to a registry, from AWS Secrets Manager, in the shapes that Lambda asks for."""

from collections.abc import Mapping
from typing import Any

import msgspec

from headrace.errors import SettingsError, message_of
from headrace.extras import needs
from headrace.payloads.registry.sign_in import Credentials

# Of each type of AccessConfigs: what its secret holds, and what that is for us.
_SHAPES = {
    "BASIC_AUTH": {"username": "username", "password": "password"},
    "CLIENT_CERTIFICATE_TLS_AUTH": {
        "certificate": "certificate",
        "privateKey": "private_key",
        "privateKeyPassword": "private_key_password",
    },
    "SERVER_ROOT_CA_CERTIFICATE": {"certificate": "authorities"},
}


def read_secrets(access: Mapping[str, str]) -> Credentials:
    """Return what signs in.

    Args:
        access: ARNs of secrets by their types.

    Raises:
        SettingsError: a secret cannot be read, or has another shape.
        HeadraceError: boto3 is not installed.
    """
    found: dict[str, str] = {}
    for kind, arn in access.items():
        secret = _secret(arn)
        for name, field in _SHAPES[kind].items():
            if isinstance(secret.get(name), str):
                found[field] = secret[name]
            elif name != "privateKeyPassword":
                raise SettingsError(f"the secret {arn} has no {name}, which {kind} needs")
    return Credentials(**found)


def _secret(arn: str) -> dict[str, Any]:
    try:
        import boto3  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise needs("aws", error) from None
    parts = arn.split(":")
    region = parts[3] if len(parts) > 3 else None
    try:
        answer = boto3.client("secretsmanager", region_name=region).get_secret_value(SecretId=arn)
    except Exception as error:  # noqa: BLE001 - botocore's, of many kinds
        raise SettingsError(f"the secret {arn} cannot be read: {message_of(error)}") from None
    try:
        return msgspec.json.decode(answer["SecretString"], type=dict[str, Any])
    except (KeyError, msgspec.MsgspecError):  # its message might quote the secret
        raise SettingsError(f"the secret {arn} is not a JSON object") from None
