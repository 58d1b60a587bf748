"""Downloads of large files: resumed where they broke off, bounded, and held to their digest."""

import hashlib
import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from headrace.errors import HeadraceError
from training.detector.importing.opener import opener

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and the bytes that will be; None if nobody knows."""

_ATTEMPTS = 5
_CHUNK = 1 << 16
_SILENCE_SECONDS = 30.0
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})


class FetchError(HeadraceError):
    """The file cannot be had, or is not the one that was asked for."""


class _BrokenOffError(Exception):
    """The transfer failed in a way that may pass."""


def fetch(
    url: str,
    target: Path,
    *,
    max_bytes: int,
    sha256: str | None = None,
    progress: Progress = lambda _done, _total: None,
    pause_seconds: float = 1.0,
) -> None:
    """Download a file, unless the one that is there already has the expected digest.

    A part of the file stays beside the target, so that the next attempt, or the next run, goes on
    where this one ended; but only if the server says that it still has the same file.

    Args:
        url: https, or http if a digest says which file is meant.
        target: Where the complete file goes, in one step.
        max_bytes: The largest file to accept.
        sha256: The digest the file must have, in hexadecimal.
        progress: Told of every chunk.
        pause_seconds: Time before the second attempt; each further pause is twice as long.

    Raises:
        FetchError: Refused, too large, broken off too often, or another digest.
    """
    _check_url(url, sha256)
    if sha256 and target.is_file() and digest(target) == sha256.lower():
        return
    part = target.with_name(f"{target.name}.part")
    for attempt in range(_ATTEMPTS):
        try:
            _resume(url, part, max_bytes, sha256, progress)
            break
        except _BrokenOffError as error:
            if attempt == _ATTEMPTS - 1:
                raise FetchError(f"{url}: gave up after {_ATTEMPTS} attempts: {error}") from error
            time.sleep(pause_seconds * 2**attempt)
    found = digest(part)
    if sha256 and found != sha256.lower():
        _discard(part)
        raise FetchError(f"{url}: sha256 is {found}, expected {sha256.lower()}")
    _validator(part).unlink(missing_ok=True)
    part.replace(target)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_url(url: str, sha256: str | None) -> None:
    scheme = urllib.parse.urlsplit(url).scheme
    if scheme not in ({"https", "http"} if sha256 else {"https"}):
        raise FetchError(f"{url}: only https, or http together with the expected sha256")


def _resume(url: str, part: Path, limit: int, sha256: str | None, progress: Progress) -> None:
    try:
        with opener().open(_request(url, part), timeout=_SILENCE_SECONDS) as response:
            _check_url(response.url, sha256)  # redirects may lead anywhere
            _receive(response, part, limit, progress)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            _discard(part)
        elif error.code not in _BUSY:
            raise FetchError(f"{url}: the server answers {error.code} {error.reason}") from error
        raise _BrokenOffError(f"{error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenOffError(str(error) or type(error).__name__) from error


def _request(url: str, part: Path) -> urllib.request.Request:
    headers = {"Accept-Encoding": "identity", "User-Agent": "headrace"}
    if part.is_file() and _validator(part).is_file():
        headers["Range"] = f"bytes={part.stat().st_size}-"
        headers["If-Range"] = _validator(part).read_text()
    else:
        _discard(part)
    return urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme is checked


def _receive(
    response: http.client.HTTPResponse, part: Path, limit: int, progress: Progress
) -> None:
    resumed = response.status == http.client.PARTIAL_CONTENT
    done = part.stat().st_size if resumed else 0
    if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {done}-"):
        _discard(part)
        raise _BrokenOffError("the server sent another range than the one asked for")
    length = response.headers.get("Content-Length", "")
    total = done + int(length) if length.isdecimal() else None
    if total is not None and total > limit:
        raise FetchError(f"{response.url}: {total} bytes, more than the {limit} allowed")
    _remember(response, part)
    with part.open("ab" if resumed else "wb") as file:
        while chunk := response.read(_CHUNK):
            done += len(chunk)
            if done > limit:
                _discard(part)
                raise FetchError(f"{response.url}: more than the {limit} bytes allowed")
            file.write(chunk)
            progress(done, total)
    if total is not None and done < total:
        raise _BrokenOffError(f"{done} of {total} bytes arrived")


def _remember(response: http.client.HTTPResponse, part: Path) -> None:
    """Keep what tells this file from a later one under the same URL; weak tags cannot."""
    etag = response.headers.get("ETag", "")
    validator = etag if etag.startswith('"') else response.headers.get("Last-Modified")
    if validator:
        _validator(part).write_text(validator)
    else:
        _validator(part).unlink(missing_ok=True)


def _validator(part: Path) -> Path:
    return part.with_name(f"{part.name}.validator")


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _validator(part).unlink(missing_ok=True)
