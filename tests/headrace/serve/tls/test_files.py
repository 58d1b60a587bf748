"""Files and settings of TLS that cannot be used are told."""

import pytest

from headrace.errors import SettingsError
from headrace.serve.settings import ServeSettings
from headrace.settings import read
from headrace.web.tls.files import Tls
from tests.support.client_certificates import pem
from tests.support.tls_serving import STRANGER

pytestmark = pytest.mark.slow(seconds=1)


@pytest.mark.parametrize("field", ["certificate", "key", "client_ca", "revoked"])
@pytest.mark.parametrize("content", [None, b"nothing"])
def test_a_file_that_is_none_is_one_line(files, tmp_path, field, content):
    path = tmp_path / "file.pem"
    if content is not None:
        path.write_bytes(content)
    value = (str(path),) if field == "revoked" else str(path)
    broken = files[1]._replace(**{field: value})
    with pytest.raises(SettingsError, match="cannot be used"):
        broken.context()


def test_it_is_said_which_file_is_wrong_and_what_it_lacks(files, tmp_path):
    certificate, key = files[1][:2]
    locked = tmp_path / "locked.key"
    locked.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n")
    for broken, told in (
        (Tls(certificate, str(tmp_path / "none")), "key .*none cannot be used: No such file"),
        (Tls(certificate, str(locked)), "locked.key cannot be used: it has a password"),
        (Tls(certificate, certificate), "it holds no PRIVATE KEY in PEM"),
        (Tls(key, key), "certificate .* cannot be used: it holds no CERTIFICATE in PEM"),
    ):
        with pytest.raises(SettingsError, match=told):
            broken.context()


def test_a_certificate_among_revocation_lists_is_not_trusted(files, tmp_path):
    path = tmp_path / "more.crl"
    path.write_bytes(STRANGER.revoke() + pem(STRANGER.certificate))
    with pytest.raises(SettingsError, match=r"more\.crl cannot be used: it holds a certificate"):
        files[1]._replace(revoked=(str(path),)).context()


def test_a_revocation_list_without_one_is_told(files):
    with pytest.raises(SettingsError, match=r"ca\.pem cannot be used: there is no further list"):
        files[1]._replace(revoked=(files[1].client_ca,)).context()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["certificate"], "go together"),
        (["client_ca"], "HEADRACE_SERVE_CLIENT_CA needs HEADRACE_SERVE_CERTIFICATE"),
        (["certificate", "certificate_key", "client_revoked"], "CLIENT_REVOKED needs"),
    ],
)
def test_settings_that_need_others_say_so(names, message):
    with pytest.raises(SettingsError, match=message):
        read(ServeSettings, {f"HEADRACE_SERVE_{name.upper()}": "x" for name in names})
