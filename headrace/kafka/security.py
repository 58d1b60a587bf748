"""How a Kafka client signs in, and how its connection is protected: one shape for all clients.

Secrets are no fields: they come from the variables HEADRACE_SASL_PASSWORD and
HEADRACE_SSL_KEY_PASSWORD or from a file, so that no flag, no log and no printed setting can show
one.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from headrace.errors import SettingsError
from headrace.settings import secret, variable
from headrace.whole_file import text

SECRETS = ("sasl_password", "ssl_key_password")


class Credentials(msgspec.Struct, frozen=True, rename="camel"):
    """A secret in the shapes that AWS Secrets Manager keeps for Kafka.

    Either a user's name and password, or a client certificate in PEM with its private key.
    """

    username: str | None = None
    password: str | None = None
    certificate: str | None = None
    private_key: str | None = None
    private_key_password: str | None = None


class KafkaSecurity(msgspec.Struct, frozen=True, kw_only=True):
    """Transport and sign-in.

    Attributes:
        security_protocol: How the connection is protected. Unless it is set, the other settings
            decide: PLAINTEXT if none of them asks for more.
        sasl_mechanism: How to sign in. AWS_MSK_IAM uses the AWS permissions of this process.
        sasl_username: The user name for PLAIN and SCRAM. The password is read from
            HEADRACE_SASL_PASSWORD.
        credentials_file: A JSON file with what signs in: `{"username", "password"}` or
            `{"certificate", "privateKey", "privateKeyPassword"}`. It replaces the settings for user
            name and password, or for certificate and key.
        ssl_ca_location: The file with the certificate authorities to trust. Unless it is set, those
            of the system are trusted.
        ssl_certificate_location: The file with the client's certificate, in PEM.
        ssl_key_location: The file with the client's private key, in PEM. Its password is read from
            HEADRACE_SSL_KEY_PASSWORD.
        region: The AWS region for AWS_MSK_IAM. Unless it is set, the brokers' names or AWS's own
            variables decide.
    """

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] | None = None
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "AWS_MSK_IAM"] | None = None
    sasl_username: str | None = None
    credentials_file: str | None = None
    ssl_ca_location: str | None = None
    ssl_certificate_location: str | None = None
    ssl_key_location: str | None = None
    region: str | None = None

    def security_config(
        self, bootstrap: str, secrets: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The settings of librdkafka; none if no field is set.

        Args:
            bootstrap: the brokers' addresses.
            secrets: values of SECRETS; None: those of the environment.

        Raises:
            SettingsError: Fields contradict each other, or a file is missing or wrong.
        """
        if secrets is None:
            secrets = {name: secret(variable(name)) for name in SECRETS}
        given = _read_credentials(self.credentials_file)
        tls = self._tls(given, secrets)
        protocol = self._protocol(wants_tls=bool(tls))
        config = {"security.protocol": protocol} if protocol != "PLAINTEXT" else {}
        return {**config, **tls, **self._sign_in(given, secrets, bootstrap)}

    def _protocol(self, *, wants_tls: bool) -> str:
        signs_in = self.sasl_mechanism is not None
        if self.security_protocol is None:
            tls = "SSL" if signs_in or wants_tls else "PLAINTEXT"
            return f"SASL_{tls}" if signs_in else tls
        protocol = self.security_protocol
        if signs_in != protocol.startswith("SASL"):
            mechanism = self.sasl_mechanism or "(none)"
            raise SettingsError(
                f"HEADRACE_SECURITY_PROTOCOL={protocol} and HEADRACE_SASL_MECHANISM={mechanism}"
                " contradict each other"
            )
        if wants_tls and not protocol.endswith("SSL"):
            raise SettingsError(
                f"HEADRACE_SECURITY_PROTOCOL={protocol} takes no certificates and no keys"
            )
        if self.sasl_mechanism == "AWS_MSK_IAM" and protocol != "SASL_SSL":
            raise SettingsError(
                f"HEADRACE_SASL_MECHANISM=AWS_MSK_IAM needs SASL_SSL, not {protocol}"
            )
        return protocol

    def _tls(self, given: Credentials, secrets: Mapping[str, str]) -> dict[str, str]:
        if (self.ssl_certificate_location is None) != (self.ssl_key_location is None):
            raise SettingsError(
                "HEADRACE_SSL_CERTIFICATE_LOCATION and HEADRACE_SSL_KEY_LOCATION go together"
            )
        if given.certificate and self.ssl_certificate_location:
            raise SettingsError(
                "HEADRACE_CREDENTIALS_FILE and HEADRACE_SSL_CERTIFICATE_LOCATION both give one"
            )
        files = {
            "ssl.ca.location": self.ssl_ca_location,
            "ssl.certificate.location": self.ssl_certificate_location,
            "ssl.key.location": self.ssl_key_location,
        }
        for name, file in files.items():
            if file is not None and not Path(file).is_file():
                raise SettingsError(f"{variable(name.replace('.', '_'))}={file}: no such file")
        own = {"ssl.certificate.pem": given.certificate, "ssl.key.pem": given.private_key}
        config = {name: text for name, text in {**files, **own}.items() if text}
        password = given.private_key_password or secrets.get("ssl_key_password")
        if password and config.keys() & {"ssl.key.location", "ssl.key.pem"}:
            config["ssl.key.password"] = password
        return config

    def _sign_in(
        self, given: Credentials, secrets: Mapping[str, str], bootstrap: str
    ) -> dict[str, Any]:
        if given.username and self.sasl_username:
            raise SettingsError(
                "HEADRACE_CREDENTIALS_FILE and HEADRACE_SASL_USERNAME both give a user name"
            )
        username = self.sasl_username or given.username
        password = given.password or secrets.get("sasl_password")
        if self.sasl_mechanism == "AWS_MSK_IAM":
            if username:
                raise SettingsError(
                    "HEADRACE_SASL_MECHANISM=AWS_MSK_IAM takes no user name and no password"
                )
            return self._iam(bootstrap)
        if self.sasl_mechanism is None:
            if username:
                raise SettingsError("a user name without HEADRACE_SASL_MECHANISM")
            return {}
        if not username or not password:
            raise SettingsError(
                f"HEADRACE_SASL_MECHANISM={self.sasl_mechanism} needs HEADRACE_SASL_USERNAME and"
                " the variable HEADRACE_SASL_PASSWORD, or HEADRACE_CREDENTIALS_FILE"
            )
        return {
            "sasl.mechanisms": self.sasl_mechanism,
            "sasl.username": username,
            "sasl.password": password,
        }

    def _iam(self, bootstrap: str) -> dict[str, Any]:
        from headrace.kafka import msk_iam  # noqa: PLC0415 - botocore only where it is needed

        region = self.region or msk_iam.region_of(bootstrap)
        if region is None:
            raise SettingsError("HEADRACE_SASL_MECHANISM=AWS_MSK_IAM needs HEADRACE_REGION")
        return msk_iam.client_settings(region)


def _read_credentials(file: str | None) -> Credentials:
    if file is None:
        return Credentials()
    try:
        given = msgspec.json.decode(text(file), type=Credentials)
    except OSError as error:
        raise SettingsError(f"HEADRACE_CREDENTIALS_FILE={file}: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError):  # its message might quote the secret
        raise SettingsError(
            f"HEADRACE_CREDENTIALS_FILE={file}: not a JSON object of strings"
        ) from None
    by_name = bool(given.username and given.password)
    by_certificate = bool(given.certificate and given.private_key)
    if by_name == by_certificate:
        raise SettingsError(
            f"HEADRACE_CREDENTIALS_FILE={file}: needs either username and password,"
            " or certificate and privateKey"
        )
    return given
