"""A Redis that wants a password and encrypts: what the URL says of both is kept."""

import shutil

import pytest

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
