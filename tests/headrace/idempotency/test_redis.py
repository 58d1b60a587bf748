"""A Redis that wants a password, encrypts, or does not let write: that is kept, or told."""

import shutil
import socket
import time

import pytest
from redis import Redis

from headrace.errors import SettingsError
from headrace.idempotency.store import Claim, open_store
from headrace.testing.brokers.process import Service, free_ports, is_free
from tests.support.certificates import Authority
from tests.support.waiting import wait_until

pytestmark = pytest.mark.postgres


@pytest.fixture
def guarded(tmp_path):
    """The URL of a server with TLS and the password `right`; its authority is `authority.pem`."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("Redis is not installed: apt-get install redis-server")
    authority, port = Authority(tmp_path), free_ports()
    certificate, key = authority.issue("server")
    server = Service(
        [
            *(program, "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1"),
            *("--tls-cert-file", str(certificate), "--tls-key-file", str(key)),
            *("--tls-ca-cert-file", str(authority.file), "--tls-auth-clients", "no"),
            *("--requirepass", "right", "--save", "", "--dir", str(tmp_path)),
        ],
        tmp_path / "log",
    )
    try:
        wait_until(lambda: not is_free(port))
        yield f"redis://127.0.0.1:{port}?tls=true&ca={authority.file}"
    finally:
        server.kill()


def test_the_password_comes_from_a_file_and_the_server_is_made_sure_of(guarded, tmp_path):
    file = tmp_path / "password"
    file.write_text("right\n")
    store = open_store(f"{guarded}&password_file={file}")
    assert store.claim({"k": "d"}, "a", 60.0) == {"k": Claim("mine")}
    store.close()

    file.write_text("wr0ng")
    with pytest.raises(SettingsError, match="invalid") as raised:
        open_store(f"{guarded}&password_file={file}")
    assert "wr0ng" not in str(raised.value)
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other").file
    with pytest.raises(SettingsError, match=r"(?i)certificate verify failed"):
        open_store(guarded.partition("&")[0] + f"&ca={other}")


def test_a_server_that_does_not_let_write_is_told_when_it_is_opened(redis_server):
    with Redis.from_url(f"redis://{redis_server}") as client:
        before = {*client.keys()}  # of other tests
        client.acl_setuser("looks", enabled=True, nopass=True, commands=["+ping"], keys=["*"])
        with pytest.raises(SettingsError, match="no permissions"):
            open_store(f"redis://{redis_server}?user=looks")

        client.replicaof("127.0.0.1", "1")
        try:
            with pytest.raises(SettingsError, match="read only replica"):
                open_store(f"redis://{redis_server}")
        finally:
            client.replicaof("NO", "ONE")
        open_store(f"redis://{redis_server}").close()
        assert {*client.keys()} <= before


def test_a_server_that_does_not_answer_is_not_waited_for_again_and_again(monkeypatch):
    """As one that speaks no TLS does not, if it is asked in TLS."""
    monkeypatch.setattr("headrace.idempotency.stores.redis._TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr("headrace.idempotency.stores.redis._RETRY_SECONDS", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as server:
        begun = time.monotonic()
        with pytest.raises(SettingsError, match="Timeout"):
            open_store(f"redis://127.0.0.1:{server.getsockname()[1]}")
        assert time.monotonic() - begun < 1
