"""Servers that speak TLS, and their files."""

import pytest

from headrace import lambda_handler
from headrace.web.tls.files import Tls
from tests.support.client_certificates import SERVER, pem, write
from tests.support.serving import Echo, RunningServer
from tests.support.tls_serving import FOURTH, REVOKED, ROOT, SECOND, THIRD


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = write(folder, "server", *ROOT.issue("localhost", usage=SERVER))
    (folder / "ca.pem").write_bytes(pem(ROOT.certificate))
    lists = [ROOT.revoke(REVOKED[1][0]), *(one.revoke() for one in (SECOND, THIRD, FOURTH))]
    paths = [folder / f"{number}.crl" for number in range(len(lists))]
    for path, content in zip(paths, lists, strict=True):
        path.write_bytes(content)
    return folder, Tls(certificate, key, str(folder / "ca.pem"), tuple(map(str, paths)))


@pytest.fixture
def start(files):
    servers = []

    def begin(tls, **settings):
        servers.append(RunningServer(tls=tls, **settings))
        servers[-1].open(lambda_handler(Echo))
        return servers[-1].port

    yield begin
    for server in servers:
        server.drain(1)
