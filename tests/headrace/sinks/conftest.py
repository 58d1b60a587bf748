"""What several files here share."""

import sqlite3

import pytest

from tests.support.tables import TABLE, Db


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres), "sqlite"])
def db(request, tmp_path):
    if request.param == "sqlite":
        connection = sqlite3.connect(tmp_path / "db", isolation_level=None)
        found = Db(lambda table: f"sqlite:{tmp_path}/db?table={table}", connection)
        connection.execute(TABLE)
    else:
        server = request.getfixturevalue("postgres")
        name, connection = request.getfixturevalue("database")(TABLE)
        found = Db(lambda table: server.url(name, table), connection)
    yield found
    for sink in found.opened:
        sink.close()
    connection.close()
