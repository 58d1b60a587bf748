"""`redis://host:6379/0` keeps keys in Redis or Valkey, by the server's clock.

Parameters: `user`, `password_file` (a file with the password), `tls=true`, `ca=file`. A call is one
script for all its keys, so the server is one node and no cluster. What the server loses is
forgotten: with `appendfsync everysec`, the last second of a crash.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from headrace import whole_file
from headrace.host_port import host_port
from headrace.idempotency.store import Claim
from headrace.sinks.url import SinkUrl

_PREFIX = "headrace:once:"
_TIMEOUT_SECONDS = 10.0
# The client tries to connect, and what needs a connection, so often each: a server that does not
# answer is waited for as many times. One more is enough for a server that was started anew.
_RETRY_SECONDS, _RETRIES = 0.5, 1
# An item outlives its lease, so that its holder may still complete it.
_KEEP_SECONDS = 3600.0

# A lease: the hash {token, until, digest}. An answer: the same, with `answer`.
_CLAIM = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = {}
for i, key in ipairs(KEYS) do
  local item = redis.call('HMGET', key, 'token', 'until', 'digest', 'answer')
  if item[4] then
    found[i] = {'done', item[3], item[4]}
  elseif item[1] and item[1] ~= ARGV[1] and tonumber(item[2]) > now then
    found[i] = {'busy'}
  else
    local till = string.format('%.0f', now + tonumber(ARGV[2]))
    redis.call('HSET', key, 'token', ARGV[1], 'until', till, 'digest', ARGV[i + 3])
    redis.call('PEXPIRE', key, ARGV[3])
    found[i] = {'mine'}
  end
end
return found"""
_EXTEND = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, key in ipairs(KEYS) do
  local item = redis.call('HMGET', key, 'token', 'answer')
  if item[1] == ARGV[1] and not item[2] then
    redis.call('HSET', key, 'until', string.format('%.0f', now + tonumber(ARGV[2])))
    redis.call('PEXPIRE', key, ARGV[3])
  end
end"""
_COMPLETE = """
local lost = {}
for i, key in ipairs(KEYS) do
  if redis.call('HGET', key, 'token') == ARGV[1] then
    redis.call('HSET', key, 'answer', ARGV[i + 2])
    redis.call('PEXPIRE', key, ARGV[2])
  else
    lost[#lost + 1] = i - 1
  end
end
return lost"""
_RELEASE = """
for _, key in ipairs(KEYS) do
  local item = redis.call('HMGET', key, 'token', 'answer')
  if item[1] == ARGV[1] and not item[2] then redis.call('DEL', key) end
end"""


def open_url(url: SinkUrl) -> "RedisStore":
    """Open `redis://host:6379` or `redis://host:6379/database`. The server must answer."""
    url.allow(("user", "password_file", "tls", "ca"))
    place = host_port(url.host)
    database = url.path.strip("/") or "0"
    if place is None or not database.isdigit():
        raise url.wrong("the form is redis://host:6379/0")
    if "ca" in url.params and not url.flag("tls", default=False):
        raise url.wrong("ca has no effect without tls=true")
    try:
        client = Redis(
            host=place[0],
            port=place[1] or 6379,
            db=int(database),
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            retry=Retry(ConstantBackoff(_RETRY_SECONDS), _RETRIES),
            decode_responses=True,
            ssl=url.flag("tls", default=False),
            ssl_ca_certs=url.params.get("ca"),
            username=url.params.get("user"),
            password=_password(url),
        )
        store = RedisStore(client)
        store.check()
    except (RedisError, OSError, ValueError) as error:
        raise url.wrong(" ".join(str(error).split())) from None
    return store


class RedisStore:
    """Hashes of a server.

    Args:
        client: of redis-py, which decodes responses.
    """

    most_bytes = 1 << 28  # half of what a field may have

    def __init__(self, client: Any) -> None:
        self._client = client
        self._claim, self._extend, self._complete, self._release = map(
            client.register_script, (_CLAIM, _EXTEND, _COMPLETE, _RELEASE)
        )

    def check(self) -> None:
        """Claim two keys and give them up. Raises RedisError: no right to it, a replica, a cluster.

        Only with two keys does a cluster say what it is.
        """
        token = uuid.uuid4().hex
        keys = [f"{token}-{number}" for number in range(2)]
        self.claim(dict.fromkeys(keys, ""), token, 1.0)
        self.release(keys, token)

    def claim(self, digests: Mapping[str, str], token: str, lease: float) -> dict[str, Claim]:
        """See `headrace.idempotency.store.OnceStore`, as for the others."""
        found = self._claim(_names(digests), [token, *_times(lease), *digests.values()])
        return {key: Claim(*one) for key, one in zip(digests, found, strict=True)}

    def extend(self, keys: Sequence[str], token: str, lease: float) -> None:
        """Have the caller's leases end later."""
        self._extend(_names(keys), [token, *_times(lease)])

    def complete(self, answers: Mapping[str, str], token: str, window: float) -> set[str]:
        """Remember answers. Returns the keys that another one has claimed."""
        keys = list(answers)
        lost = self._complete(_names(keys), [token, int(window * 1000), *answers.values()])
        return {keys[int(place)] for place in lost}

    def release(self, keys: Sequence[str], token: str) -> None:
        """Give leases up."""
        self._release(_names(keys), [token])

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _names(keys: "Mapping[str, str] | Sequence[str]") -> list[str]:
    return [_PREFIX + key for key in keys]


def _times(lease: float) -> tuple[int, int]:
    """How long a lease is, and its item is kept, in milliseconds."""
    return int(lease * 1000), int((lease + _KEEP_SECONDS) * 1000)


def _password(url: SinkUrl) -> str | None:
    file = url.params.get("password_file")
    return whole_file.text(file).strip() if file else None
