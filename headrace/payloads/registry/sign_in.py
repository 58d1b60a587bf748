"""How a client signs in to a registry over HTTP. Secrets are no fields of the settings."""

import base64
import os
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from headrace.errors import SettingsError
from headrace.payloads.settings import RegistrySettings
from headrace.settings import secret, variable
from headrace.whole_file import text

SECRETS = ("schema_registry_password", "schema_registry_token")


class Credentials(msgspec.Struct, frozen=True, rename="camel"):
    """What signs in, in the shapes that AWS Secrets Manager keeps for it.

    Either a name and a password, or a bearer token; with them or alone, a client certificate in PEM
    with its private key, and the certificate authorities to trust.
    """

    username: str | None = None
    password: str | None = None
    token: str | None = None
    certificate: str | None = None
    private_key: str | None = None
    private_key_password: str | None = None
    authorities: str | None = None


class SignIn(NamedTuple):
    """What a client needs: headers of each request, and how its connections are protected."""

    headers: dict[str, str]
    tls: ssl.SSLContext | None


def sign_in(settings: RegistrySettings, environ: Mapping[str, str] | None = None) -> SignIn:
    """Read what signs in.

    Args:
        settings: where it is.
        environ: where secrets are. None: the environment.

    Raises:
        SettingsError: settings contradict each other, or a file is missing or wrong.
    """
    password, token = (secret(variable(name), environ) or None for name in SECRETS)
    given = _read(settings.schema_registry_credentials_file)
    return signed(settings, _merged(settings, given, password, token))


def is_given(settings: RegistrySettings, environ: Mapping[str, str] | None = None) -> bool:
    """Return whether settings or variables say how to sign in."""
    environ = os.environ if environ is None else environ
    told = (
        settings.schema_registry_username,
        settings.schema_registry_credentials_file,
        settings.schema_registry_certificate_location,
        *(environ.get(variable(name)) for name in SECRETS),
    )
    return any(told)


def signed(settings: RegistrySettings, given: Credentials) -> SignIn:
    """Return what a client needs, given its credentials. Raises SettingsError."""
    headers = {}
    token = (given.token or "").strip()  # a secret's file often ends in a line break
    if token:
        if not token.isascii() or not token.isprintable():  # the client's own error would quote it
            raise SettingsError("the token of the schema registry holds what no header may")
        headers["Authorization"] = f"Bearer {token}"
    elif given.username:
        pair = f"{given.username}:{given.password or ''}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return SignIn(headers, _tls(settings, given))


def _merged(
    settings: RegistrySettings, given: Credentials, password: str | None, token: str | None
) -> Credentials:
    if settings.schema_registry_username and given.username:
        raise SettingsError(
            "HEADRACE_SCHEMA_REGISTRY_CREDENTIALS_FILE and HEADRACE_SCHEMA_REGISTRY_USERNAME both"
            " give a user name"
        )
    given = msgspec.structs.replace(
        given,
        username=given.username or settings.schema_registry_username,
        password=given.password or password,
        token=given.token or token,
    )
    if given.username and given.token:
        raise SettingsError(
            "HEADRACE_SCHEMA_REGISTRY_USERNAME and HEADRACE_SCHEMA_REGISTRY_TOKEN: sign in with"
            " one of them"
        )
    if given.username and not given.password:
        raise SettingsError(
            "HEADRACE_SCHEMA_REGISTRY_USERNAME needs the variable HEADRACE_SCHEMA_REGISTRY_PASSWORD"
        )
    return given


def _read(file: str | None) -> Credentials:
    if file is None:
        return Credentials()
    name = "HEADRACE_SCHEMA_REGISTRY_CREDENTIALS_FILE"
    try:
        return msgspec.json.decode(text(file), type=Credentials)
    except OSError as error:
        raise SettingsError(f"{name}={file}: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError):  # its message might quote the secret
        raise SettingsError(f"{name}={file}: not a JSON object of strings") from None


def _tls(settings: RegistrySettings, given: Credentials) -> ssl.SSLContext | None:
    authorities = settings.schema_registry_ca_location
    certificate = settings.schema_registry_certificate_location
    key = settings.schema_registry_key_location
    if (certificate is None) != (key is None):
        raise SettingsError(
            "HEADRACE_SCHEMA_REGISTRY_CERTIFICATE_LOCATION and"
            " HEADRACE_SCHEMA_REGISTRY_KEY_LOCATION go together"
        )
    if bool(given.certificate) != bool(given.private_key):
        raise SettingsError("schema registry: certificate and privateKey go together")
    own = (authorities, certificate, given.certificate, given.authorities)
    if not any(own) and "https:" not in (settings.schema_registry_url or ""):
        return None  # the system's authorities take a while to read
    try:
        context = ssl.create_default_context(cafile=authorities, cadata=given.authorities)
        if certificate is not None:
            context.load_cert_chain(certificate, key, password=_no_password)
        elif given.certificate:
            _load(context, given)
    except OSError as error:
        reason = error.strerror or error
        files = ", ".join(filter(None, (authorities, certificate, key)))
        raise SettingsError(f"schema registry: TLS: {files or 'credentials'}: {reason}") from None
    except (TypeError, ValueError):  # of text that is not ASCII
        raise SettingsError("schema registry: TLS: the credentials are no certificates") from None
    return context


def _load(context: ssl.SSLContext, given: Credentials) -> None:
    """Load a certificate from text: OpenSSL takes files alone, which only we may read."""
    with tempfile.TemporaryDirectory(prefix="headrace-") as folder:  # of mode 0700
        files = Path(folder, "certificate"), Path(folder, "key")
        for file, text in zip(files, (given.certificate, given.private_key), strict=True):
            file.write_text(text or "")
        context.load_cert_chain(*files, password=given.private_key_password or _no_password)


def _no_password() -> str:
    return ""  # without this, OpenSSL would ask at the terminal
