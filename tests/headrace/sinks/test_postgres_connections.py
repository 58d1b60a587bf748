"""How PostgreSQL is reached: passwords from files, encryption, and what is wrong with a URL."""

import pytest

from headrace.errors import SettingsError
from headrace.sinks import open_sink
from headrace.sinks.pg.connections import Connections
from headrace.sinks.url import SinkUrl
from tests.support.certificates import Authority
from tests.support.tables import empty_row


@pytest.fixture
def keeper(database):
    """The name of a database with a table of which a role with the password `right` may write."""
    name, connection = database("CREATE TABLE orders (id bigint)")
    connection.execute("CREATE ROLE keeper LOGIN PASSWORD 'right'")
    connection.execute("GRANT ALL ON SCHEMA public TO keeper; GRANT ALL ON orders TO keeper")
    yield name
    connection.execute("DROP OWNED BY keeper; DROP ROLE keeper")


@pytest.mark.parametrize(
    ("text", "user"),
    [("right\n", "user=keeper&"), ('{"username": "keeper", "password": "right", "port": 1}', "")],
)
def test_the_password_comes_from_a_file(postgres, keeper, tmp_path, text, user):
    file = tmp_path / "password"
    file.write_text(text)
    url = postgres.url(keeper, "orders", password_file=file).replace("user=headrace&", user)

    sink = open_sink(url, {})
    assert sink.send([empty_row(0)]) == [None]
    sink.close()
    file.write_text(text.replace("right", "wr0ng"))
    with pytest.raises(SettingsError, match="password authentication failed") as raised:
        open_sink(url, {})
    assert "wr0ng" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r'{"password": "s3cr\ud800et"}', "the password is no text"),
        (r'{"username": null, "password": "s3cret"}', "the username is no text"),
        (r'{"username": "a\u0000b", "password": "s3cret"}', "the username is no text"),
        ("s3cr\0et", "the password is no text"),
    ],
)
def test_what_no_server_takes_as_password_is_told(tmp_path, text, said):
    file = tmp_path / "password"
    file.write_text(text)

    with pytest.raises(SettingsError, match=f"password_file: {said}") as raised:
        open_sink(f"postgres://127.0.0.1:1/db?table=t&password_file={file}", {})
    assert "s3cr" not in str(raised.value)


def test_a_socket_is_reached_by_its_folder(postgres, orders):
    sink = orders()
    folder = str(postgres.authority.parent).replace("/", "%2F")
    url = postgres.url(orders.database, "orders").replace("127.0.0.1", folder)

    other = open_sink(url, {})
    assert other.send([empty_row(0)]) == sink.send([empty_row(0)]) == [None]
    assert orders.ask("SELECT count(*) FROM orders") == [(1,)]
    other.close()


def test_of_several_hosts_a_replica_is_not_meant(postgres, orders):
    with postgres.connect(orders.database) as connection:
        connection.execute(
            f"ALTER DATABASE {orders.database} SET default_transaction_read_only = on"
        )
    host = f"127.0.0.1:{postgres.port}"
    url = postgres.url(orders.database, "orders").replace(host, f"{host},{host}")

    with pytest.raises(SettingsError, match="session is read-only"):
        open_sink(url, {})


def test_the_server_is_made_sure_of_if_the_url_says_so(postgres, orders, tmp_path):
    other = Authority(tmp_path).file

    sink = orders(sslmode="verify-full", sslrootcert=postgres.authority)
    assert sink.send([empty_row(0)]) == [None]
    assert orders.ask("SELECT bool_or(ssl) FROM pg_stat_ssl") == [(True,)]
    with pytest.raises(SettingsError, match="certificate verify failed"):
        orders(sslmode="verify-full", sslrootcert=other)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgres://127.0.0.1:1/db?table=t", "onnection refused"),
        ("postgres://127.0.0.1:1?table=t", "the form is postgres://"),
        ("postgres://127.0.0.1/db", "the table is missing"),
        ("postgres://127.0.0.1/db?table=t&password_file=/nowhere", "password_file"),
        ("postgres://127.0.0.1/db?table=t&sslmode=maybe", "sslmode"),
        ("postgres://user:s3cret@127.0.0.1/db?table=t", "no user and no password"),
        ("postgres://127.0.0.1/db?table=t&group=a%00b", "a parameter holds a NUL (%00)"),
    ],
)
def test_what_is_wrong_is_told_when_it_is_opened(url, said):
    with pytest.raises(SettingsError, match=r"^sink postgres:") as raised:
        open_sink(url, {})
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("place", "params", "mode"),
    [
        ("db.example", "", "require"),
        ("db.example:5432", "&sslmode=verify-full", "verify-full"),
        ("127.0.0.1:5432", "", None),
        ("localhost", "", None),
        ("", "", None),
        ("%2Frun%2Fpostgresql", "", None),
        ("[::1]:5432", "", None),
    ],
)
def test_to_another_machine_the_connection_is_encrypted(place, params, mode, monkeypatch):
    monkeypatch.delenv("PGSSLMODE", raising=False)
    url = SinkUrl.parse(f"postgres://{place}/db?table=t{params}", {})

    assert Connections(url, 30)._options.get("sslmode") == mode
