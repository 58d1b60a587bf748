"""A registry, opened from its URL."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from headrace.errors import SettingsError
from headrace.extras import needs
from headrace.http_address import is_http_address
from headrace.payloads.registry.base import Registry
from headrace.payloads.registry.sign_in import SignIn, sign_in
from headrace.payloads.settings import RegistrySettings
from headrace.sinks.url import shown

_CONNECT_SECONDS, _READ_SECONDS = 3.0, 10.0
_GLUE = re.compile(r"glue:(?://(?P<region>[^/?#@\[\]]*)/?)?")
_NAME = "HEADRACE_SCHEMA_REGISTRY_URL"
_EXPECTED = "expected http://HOST:PORT, https://HOST or glue://REGION"


def open_registry(settings: RegistrySettings, environ: Mapping[str, str] | None = None) -> Registry:
    """Open the registry that the settings name; nothing is asked yet.

    Args:
        settings: where it is, and how to sign in.
        environ: where secrets are. None: the environment.

    Raises:
        SettingsError: a setting is missing or wrong.
        HeadraceError: an extra is not installed.
    """
    url = settings.schema_registry_url
    if not url:
        raise SettingsError(f"{_NAME} is missing: it says where the schemas are")
    if url.startswith("glue:"):
        return _open_glue(url)
    return open_http(url, sign_in(settings, environ))


def open_http(url: str, given: SignIn) -> Registry:
    """Open a registry with Confluent's interface. Raises SettingsError, HeadraceError."""
    urls = [one.strip() for one in url.split(",")]
    for one in urls:
        _check(one)
    try:
        import urllib3  # noqa: PLC0415 - an extra

        from headrace.payloads.registry.http import HttpRegistry  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise needs("schemas", error) from None
    pool = urllib3.PoolManager(
        ssl_context=given.tls,
        timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
        retries=False,
    )
    return HttpRegistry(urls, pool, given.headers)


def _open_glue(url: str) -> Registry:
    from headrace.payloads.registry.glue import open_glue  # noqa: PLC0415 - boto3 is slow

    found = _GLUE.fullmatch(url)
    if found is None:
        raise SettingsError(f"{_NAME}={shown(url)}: write glue://REGION")
    return open_glue(found["region"] or None)


def _check(url: str) -> None:
    if not is_http_address(url):
        raise SettingsError(f"{_NAME}={shown(url)!r}: {_EXPECTED}")
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise SettingsError(
            f"{_NAME}={shown(url)}: a URL takes no user and no password; set"
            " HEADRACE_SCHEMA_REGISTRY_USERNAME and HEADRACE_SCHEMA_REGISTRY_PASSWORD"
        )
    if parts.query or parts.fragment:
        raise SettingsError(f"{_NAME}={shown(url)}: it takes no query")
