"""The URL of a sink, taken apart. Parameters may hold secrets, so it is shown without them."""

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from headrace.errors import SettingsError

HIDDEN = "***"

_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_DAY = 86_400.0
_WITHOUT_HOST = frozenset({"file", "sqlite", "stdout"})
_SIGN_IN = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:)(?!//)[^/?#:]*:[^/?#]*@")  # slashes forgotten


def shown(url: str) -> str:
    """Return a URL as it may be shown: without user, password, fragment and values of its query."""
    whole = re.sub(r"//[^/]*@", f"//{HIDDEN}@", url)
    place, mark, query = _SIGN_IN.sub(rf"\1{HIDDEN}@", whole).partition("?")
    place = re.sub("#.*", f"#{HIDDEN}", place, flags=re.DOTALL)
    parts = [part.partition("=") for part in query.split("&")] if query else []
    values = [f"{name}={HIDDEN}" if equals else HIDDEN for name, equals, _ in parts]
    return place + mark + "&".join(values)


class SinkUrl(msgspec.Struct, frozen=True):
    """What a sink is opened from.

    Attributes:
        scheme: the kind of sink.
        host: what stands between `//` and the path, case kept.
        path: with its leading slash, percent escapes resolved.
        params: the query, each name at most once.
        variables: where a sink finds what its URL leaves open.
        what: what the URL is of, for messages.
    """

    scheme: str
    host: str
    path: str
    params: dict[str, str]
    variables: Mapping[str, str]
    what: str = "sink"

    @classmethod
    def parse(
        cls, url: str, variables: Mapping[str, str] | None = None, what: str = "sink"
    ) -> "SinkUrl":
        """Take a URL apart.

        Args:
            url: the URL.
            variables: where a sink finds what the URL leaves open, such as Kafka's brokers.
                None: the environment.
            what: what the URL is of, for messages.

        Raises:
            SettingsError: it is no URL, or it repeats a parameter.
        """
        if not url:
            raise SettingsError(
                "the URL of a sink is empty" if what == "sink" else f"{what} is empty"
            )
        try:
            parts = urlsplit(url)
        except ValueError:  # its message may quote a password
            raise SettingsError(f"{what} {shown(url)}: the host is malformed") from None
        try:
            pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        except ValueError:  # its message quotes what may be the end of a password
            mistake = "parameters are NAME=VALUE, with & between them; write & itself as %26"
            raise SettingsError(f"{what} {shown(url)}: {mistake}") from None
        place = unquote(parts.netloc + parts.path)
        if not (url + place).isprintable():  # urlsplit itself drops line breaks
            raise SettingsError(f"{what} {shown(url)!r}: a control character has no place in a URL")
        if any("\0" in text for pair in pairs for text in pair):
            raise SettingsError(f"{what} {shown(url)}: a parameter holds a NUL (%00)")
        if not parts.scheme:
            way_out = f"; for a file, write file:{shown(url)}" if what == "sink" else ""
            raise SettingsError(f"{what} {shown(url)} is no URL{way_out}")
        if parts.scheme == "arn":
            forms = "sqs://ACCOUNT/QUEUE, sns://ARN, s3://BUCKET or kinesis://STREAM"
            raise SettingsError(f"{what} {shown(url)} is an ARN, not a URL: write {forms}")
        if "@" in (parts.netloc if parts.netloc or parts.scheme in _WITHOUT_HOST else parts.path):
            raise SettingsError(f"{what} {parts.scheme}: a URL takes no user and no password")
        host, path = unquote(parts.netloc), unquote(parts.path)
        variables = os.environ if variables is None else variables
        parsed = cls(parts.scheme, host, path, dict(pairs), variables, what)
        if len(pairs) != len(parsed.params):
            raise parsed.wrong("a parameter is given twice")
        if parts.scheme in _WITHOUT_HOST and path.startswith("~"):
            raise parsed.wrong("~ is no home folder here: write its path, or ./~ for that name")
        if parts.fragment:
            raise parsed.wrong("a fragment (#…) has no meaning here; write # as %23")
        return parsed

    def __str__(self) -> str:
        slashes = "" if self.scheme in _WITHOUT_HOST else "//"
        return f"{self.scheme}:{slashes}{self.host}{self.path}"

    def wrong(self, what: str) -> SettingsError:
        """Return the error to raise if this URL is wrong."""
        return SettingsError(f"{self.what} {self}: {what}")

    def is_same(self, other: "SinkUrl") -> bool:
        """Return whether both name one place, as far as that can be seen: a file by any path.

        What one of them leaves open (a region, the account of a queue) is taken to be the other's.
        """
        if self.scheme != other.scheme:
            return False
        if self.scheme == "file":
            return _same_file(self.path, other.path)
        if self.scheme == "kafka":
            shares_a_broker = not self._brokers().isdisjoint(other._brokers())
            return shares_a_broker and self.path.strip("/") == other.path.strip("/")
        return self._is_at_the_place_of(other) and (
            self._is_queue_of(other) if self.scheme == "sqs" else str(self) == str(other)
        )

    def _is_at_the_place_of(self, other: "SinkUrl") -> bool:
        for name in ("endpoint", "region"):
            mine, theirs = self.params.get(name), other.params.get(name)
            if mine and theirs:
                return mine == theirs
        return True

    def _is_queue_of(self, other: "SinkUrl") -> bool:
        (*account, name), (*others, called) = self._steps(), other._steps()
        return name == called and (account == others or not (account and others))

    def _steps(self) -> list[str]:
        return f"{self.host}{self.path}".strip("/").split("/")

    def _brokers(self) -> set[str]:
        hosts = self.host or self.variables.get("HEADRACE_BOOTSTRAP_SERVERS", "")
        return {host.strip() for host in hosts.split(",")}

    def allow(self, names: Collection[str]) -> None:
        """Raise SettingsError for a parameter that is not among `names`."""
        unknown = sorted(self.params.keys() - set(names))
        if unknown:
            known = ", ".join(sorted(names)) or "none"
            raise self.wrong(f"unknown parameter {', '.join(unknown)} (known: {known})")

    def seconds(self, name: str, default: float, most: float = _DAY) -> float:
        """A positive number of seconds from the parameters, no more than a client can wait for."""
        text = self.params.get(name, str(default))
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        if not 0 < value <= most:
            limits = f"a positive number of seconds, at most {most:.0f}"
            raise self.wrong(f"{name}={text!r} is not {limits}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false from the parameters, or 1 or 0."""
        text = self.params.get(name, str(default).lower())
        if text not in _FLAGS:
            raise self.wrong(f"{name}={text!r} is neither true nor false")
        return _FLAGS[text]


def _same_file(one: str, other: str) -> bool:
    try:
        return Path(one).samefile(other)
    except OSError:  # one of them is not there
        return Path(one).absolute() == Path(other).absolute()
