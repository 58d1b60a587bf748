"""What every sink of a table promises: rows once for each record, and no record passed over."""

import pytest

from headrace.dead_letters import letter
from headrace.errors import Reject, SettingsError
from headrace.record import KafkaPosition, KinesisPosition, MessagePosition, Record
from headrace.sinks import Message
from headrace.sinks.table.done import BLOCK
from tests.support.tables import row


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
        if db.is_postgres
        else "UPDATE headrace_ids SET done_at = 1"
    )

    assert db.sink("copies").send([row(7)]) == [None]
    assert db.rows("id", "headrace_ids") == []


def test_a_dead_letter_may_be_a_row(db):
    db.execute("CREATE TABLE letters (id text, source text, error text, value text)")
    record = Record("kafka", KafkaPosition("t", 0, 5), b"\xff", b"k")

    for sink in (db.sink("letters"), db.sink("letters")):
        letter.write(sink, record, Reject("no"))

    assert db.rows("id, source, error, value", "letters") == [("t-0@5", "kafka", "no", "/w==")]


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


def test_rows_without_a_key_are_different_rows(db):
    """A key that the table makes, or none: of each record, there is a row."""
    db.execute("CREATE TABLE copies (id bigint UNIQUE, amount numeric)")
    messages = [
        Message(None, b'{"amount": %d}' % n, (), "", KafkaPosition("t", 0, n)) for n in range(3)
    ]

    assert db.sink("copies&key=id").send(messages) == [None] * 3
    assert db.rows("amount", "copies") == [0, 1, 2]


def test_rows_whose_keys_are_one_default_are_one_row(db):
    db.execute("CREATE TABLE copies (id varchar(9) DEFAULT 'shop' UNIQUE, amount numeric)")
    values = [b'{"amount": 1}', b'{"amount": 2}', b'{"id": "shop", "amount": 3}']
    messages = [
        Message(None, value, (), "", KafkaPosition("t", 0, n)) for n, value in enumerate(values)
    ]

    assert db.sink("copies&key=id").send(messages) == [None] * 3
    assert db.rows("amount", "copies") == [3]


@pytest.mark.parametrize(
    "table",
    [
        "CREATE TABLE copies (id bigint)",  # nothing says that an id is there once
        "CREATE TABLE base (id bigint); CREATE VIEW copies AS SELECT id + 1 AS id FROM base",
    ],
)
def test_a_table_that_cannot_have_such_rows_is_refused_at_the_start(db, table):
    for statement in table.split(";"):
        db.execute(statement)

    with pytest.raises(SettingsError, match=r"(?i)on conflict|view"):
        db.sink("copies&key=id")
