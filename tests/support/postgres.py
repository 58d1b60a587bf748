"""A real PostgreSQL for tests: a cluster in a temporary folder, and databases of a test's own."""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from headrace.testing.brokers.process import free_ports
from tests.support.certificates import Authority

_HOMES = Path("/usr/lib/postgresql")
# Who must show a password, and who is believed.
_ACCESS = """
local all all                   trust
host  all keeper   127.0.0.1/32 scram-sha-256
host  all headrace 127.0.0.1/32 trust
"""


class Postgres:
    """A cluster that the server of Debian's package runs on a loopback port.

    The server refuses to run as root; a test that is root has the package's own user run it.

    Args:
        folder: an empty one for its data.

    Attributes:
        port: where it listens.
        authority: the file of the authority that signed its certificate.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_ports()
        self._folder = folder
        self._user = "postgres" if os.geteuid() == 0 else None
        self._bin = max(_HOMES.glob("*/bin"), key=lambda path: int(path.parent.name))
        authority = Authority(folder)
        self.authority = authority.file
        self._certificate, self._key = authority.issue("server")
        if self._user:
            for path in (folder, self._certificate, self._key):
                shutil.chown(path, self._user)
        self._key.chmod(0o600)
        made = ("--auth=trust", "--username=headrace", "--encoding=UTF8", "--no-sync")
        self._run("initdb", *made, "--pgdata", str(folder / "data"))
        (folder / "data" / "pg_hba.conf").write_text(_ACCESS)

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder} -c ssl=on"
            f" -c ssl_cert_file={self._certificate} -c ssl_key_file={self._key}"
        )
        self._ctl("start", "-w", "-o", options, "-l", str(self._folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `immediate` is as if it had crashed."""
        self._ctl("stop", "-w", "-m", mode)

    def url(self, database: str, table: str, **params: str) -> str:
        """The URL of a table as a sink."""
        more = "".join(f"&{name}={value}" for name, value in params.items())
        return f"postgres://127.0.0.1:{self.port}/{database}?user=headrace&table={table}{more}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection that commits each statement."""
        server = f"postgresql://headrace@127.0.0.1:{self.port}/{database}"
        return psycopg.connect(server, autocommit=True)

    def _ctl(self, *words: str) -> None:
        self._run("pg_ctl", "--pgdata", str(self._folder / "data"), *words)

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [self._bin / program, *words],
            user=self._user,
            group=pwd.getpwnam(self._user).pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # of a server that stays, it would never end
            stderr=subprocess.DEVNULL if "start" in words else subprocess.PIPE,
            text=True,
        )
        assert done.returncode == 0, f"{program}: {done.stderr or self._log()}"

    def _log(self) -> str:
        log = self._folder / "log"
        return log.read_text()[-2000:] if log.exists() else "no log"


@contextmanager
def running() -> Iterator[Postgres]:
    """A cluster as long as the block lasts; its user may enter no folder of pytest's."""
    with tempfile.TemporaryDirectory(prefix="headrace-postgres-") as folder:
        server = Postgres(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's server; a test that stops it starts it again itself."""
    if not list(_HOMES.glob("*/bin/initdb")):
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running() as server:
        yield server


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Callable[..., tuple[str, psycopg.Connection]]]:
    """Makes databases of a test's own: `database("CREATE TABLE …")` gives name and connection."""
    opened: list[psycopg.Connection] = []

    def create(*statements: str) -> tuple[str, psycopg.Connection]:
        name = f"test_{uuid.uuid4().hex[:12]}"
        with postgres.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        opened.append(postgres.connect(name))
        for statement in statements:
            opened[-1].execute(statement)
        return name, opened[-1]

    yield create
    for connection in opened:
        connection.close()
