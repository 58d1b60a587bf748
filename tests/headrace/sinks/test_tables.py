"""What every sink of a table promises: each record's rows once, one bad row harms no other."""

import sqlite3
import sys

import pytest

from headrace.errors import NotDone, SettingsError
from headrace.record import KafkaPosition, KinesisPosition, MessagePosition
from headrace.sinks import Message, open_sink
from headrace.sinks.base import ContentRefused
from headrace.sinks.table.done import BLOCK

TABLE = """CREATE TABLE orders (
    id bigint PRIMARY KEY, item varchar(20) NOT NULL, amount numeric(30, 2),
    tags text DEFAULT 'none', CHECK (amount >= 0))"""


class Db:
    """A database with the table, whichever kind it is."""

    def __init__(self, url, connection):
        self._url = url
        self._connection = connection
        self.execute = connection.execute
        self.opened = []

    def sink(self, table="orders", variables=None, **params):
        more = "".join(f"&{name}={value}" for name, value in params.items())
        self.opened.append(open_sink(self._url(table) + more, variables or {}))
        return self.opened[-1]

    def rows(self, what="id, item, amount", table="orders"):
        found = self.execute(f"SELECT {what} FROM {table} ORDER BY 1").fetchall()
        return [row[0] if len(row) == 1 else row for row in found]


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


def row(number, item="a", amount="1", key=None, offset=None):
    value = f'{{"id": {number}, "item": "{item}", "amount": {amount}}}'.encode()
    position = KafkaPosition("t", 0, number if offset is None else offset)
    return Message(key, value, (), str(position), position)


def test_fields_become_columns_and_defaults_stand_in_for_what_is_missing(db):
    position = KafkaPosition("t", 0, 0)
    value = b'{"id": 1, "item": "a\\tb\\\\", "unknown": 1, "amount": 12345678901234567.25}'

    assert db.sink().send([Message(None, value, (), "", position)]) == [None]
    ((number, item, tags),) = db.rows("id, item, tags")
    assert (number, item, tags) == (1, "a\tb\\", "none")


def test_what_comes_again_is_passed_over_by_another_process_too(db):
    first, second = db.sink(), db.sink()

    assert first.send([row(1), row(2)]) == [None, None]
    assert second.send([row(1), row(2), row(3)]) == [None] * 3
    assert first.send([row(3), row(1)]) == [None, None]
    assert db.rows("id") == [1, 2, 3]


def test_a_record_that_waited_while_others_ran_ahead_is_written_when_it_comes(db):
    """A failing key holds back only itself: the offsets beyond it are done, and it is not."""
    sink = db.sink()
    ahead = [row(n) for n in range(10) if n != 4]

    assert sink.send(ahead) == [None] * 9
    assert sink.send([row(20_000), row(4), row(5)]) == [None] * 3  # another block, the parked one
    assert db.rows("id") == [*range(10), 20_000]


def test_groups_tables_and_topics_are_told_apart(db):
    db.execute("CREATE TABLE copies (id bigint, item varchar(20), amount numeric)")
    for sink in (
        db.sink("copies"),
        db.sink("copies", group="b"),
        db.sink("copies", {"HEADRACE_GROUP": "c"}),
        db.sink("copies", {"HEADRACE_GROUP": "c"}),
    ):
        assert sink.send([row(1)]) == [None]
    other = Message(None, b'{"id": 2}', (), "", KafkaPosition("u", 0, 1))
    assert db.sink("copies").send([other]) == [None]

    assert db.rows("id", "copies") == [1, 1, 1, 2]


@pytest.mark.parametrize(
    "positions",
    [
        [
            KinesisPosition(
                "s", "shard-0", "49590338271490256608559692538361571095921575989136588898"
            )
        ],
        [MessagePosition("queue", "a", 0), MessagePosition("queue", "a", 1)],
    ],
)
def test_records_without_offsets_are_known_by_their_ids(db, positions):
    db.execute("CREATE TABLE copies (id bigint)")
    messages = [Message(None, b'{"id": 1}', (), str(p), p) for p in positions]

    for _ in range(2):
        assert db.sink("copies").send(messages) == [None] * len(messages)
    assert db.rows("id", "copies") == [1] * len(messages)


def test_ids_are_forgotten_in_the_end(db):
    db.execute("CREATE TABLE copies (id bigint)")
    message = Message(None, b'{"id": 1}', (), "", MessagePosition("queue", "a"))
    assert db.sink("copies").send([message]) == [None]
    db.execute(
        "UPDATE headrace_ids SET done_at = '2000-01-01'"
        if is_postgres(db)
        else "UPDATE headrace_ids SET done_at = 1"
    )

    assert db.sink("copies").send([row(7)]) == [None]
    assert db.rows("id", "headrace_ids") == []


@pytest.mark.parametrize("bad", [0, 3, 6])
def test_a_row_that_is_refused_is_that_records_own_failure(db, bad):
    messages = [row(n, amount="-1" if n == bad else "1") for n in range(7)]

    failures = db.sink().send(messages)

    assert isinstance(failures[bad], ContentRefused)
    assert "check" in str(failures[bad]).lower()
    assert [n for n, failure in enumerate(failures) if failure] == [bad]
    assert db.rows("id") == [n for n in range(7) if n != bad]
    assert db.sink().send([row(bad)]) == [None]  # nothing was noted of it
    assert db.rows("id") == list(range(7))


@pytest.mark.parametrize(
    "value", [b"1", b"null", b'"a"', b"[1]", b"{}, {}", b"{", b"\xff", b"", None]
)
def test_what_is_no_row_is_refused(db, value):
    position = KafkaPosition("t", 0, 9)

    first, second = db.sink().send([row(1), Message(None, value, (), "", position)])
    assert first is None
    assert isinstance(second, ContentRefused)


def test_later_records_of_a_failed_key_are_held_back(db):
    messages = [row(0, key=b"k"), row(1, amount="-1", key=b"k"), row(2, key=b"k"), row(3, key=b"l")]

    failures = db.sink().send(messages)

    assert [type(failure) for failure in failures] == [
        type(None),
        ContentRefused,
        NotDone,
        type(None),
    ]
    assert db.rows("id") == [0, 3]


def test_the_last_row_of_a_key_stays_and_with_insert_the_first(db):
    twice = [row(1, "a", offset=1), row(1, "b", offset=2)]

    assert db.sink(key="id").send(twice) == [None, None]
    assert db.rows("item") == ["b"]
    assert db.sink(key="id").send([row(1, "c", offset=3)]) == [None]
    assert db.rows("item") == ["c"]
    assert (
        db.sink(key="id", mode="insert").send(
            [row(1, "d", offset=4), row(2, "e", offset=5), row(2, "f", offset=6)]
        )
        == [None] * 3
    )
    assert db.rows("item") == ["c", "e"]


def test_columns_may_take_other_fields(db):
    value = b'{"number": 5, "name": "x", "amount": 3}'
    message = Message(None, value, (), "", KafkaPosition("t", 0, 1))

    assert db.sink(columns="id:number,item:name", key="id").send([message]) == [None]
    assert db.rows() == [(5, "x", None)]


def test_a_list_is_several_rows_or_none(db):
    position, none = KafkaPosition("t", 0, 1), KafkaPosition("t", 0, 2)
    value = b'[{"id": 1, "item": "a"}, {"id": 2, "item": "b"}]'
    bad = b'[{"id": 3, "item": "a"}, {"id": 4}]'
    sink = db.sink()

    assert (
        sink.send([Message(None, value, (), "", position), Message(None, b"[]", (), "", none)])
        == [None] * 2
    )
    (failure,) = sink.send([Message(None, bad, (), "", KafkaPosition("t", 0, 3))])

    assert isinstance(failure, ContentRefused)
    assert db.rows("id") == [1, 2]


def test_a_block_that_is_done_as_a_whole_holds_nothing(db):
    db.execute("CREATE TABLE copies (id bigint)")
    sink = db.sink("copies")
    positions = [KafkaPosition("t", 0, n) for n in range(BLOCK + 10)]
    for part in (positions[5:], positions[:6]):
        assert not any(sink.send([Message(None, b"{}", (), "", p) for p in part]))

    assert db.rows("count(*)", "copies") == [BLOCK + 10]
    assert db.rows("block, bits", "headrace_offsets") == [(0, None), (1, b"\xff\x03")]
    assert sink.send([Message(None, b"{}", (), "", positions[7])]) == [None]
    assert db.rows("count(*)", "copies") == [BLOCK + 10]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"key": "nothing"}, "no column nothing"),
        ({"columns": "id,x:y"}, "no column x"),
        ({"columns": "id", "key": "item"}, "key=item is not among the columns"),
        ({"columns": "id:"}, "column:field"),
        ({"key": "id,id"}, "no list of different names"),
        ({"mode": "merge"}, "choose append, upsert or insert"),
        ({"mode": "upsert"}, "goes with a key"),
        ({"mode": "append", "key": "id"}, "goes without a key"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_with_a_url_is_told_when_it_is_opened(db, params, said):
    with pytest.raises(SettingsError, match=r"^sink ") as raised:
        db.sink(**params)
    assert said in str(raised.value)
    with pytest.raises(SettingsError, match="there is no table nowhere"):
        db.sink("nowhere")
    with pytest.raises(SettingsError, match="the table is missing"):
        db.sink("")


def is_postgres(db):
    return not isinstance(db._connection, sqlite3.Connection)


def test_psycopg_that_is_not_installed_is_named(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("headrace.sinks.p")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SettingsError, match=r"psycopg is not installed: .*headrace\[postgres\]"):
        open_sink("postgres://host/db?table=t")
