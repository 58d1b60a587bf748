"""Rows of every sink of a table: fields and columns, keys and modes; one bad row harms no other."""

import sys
from decimal import Decimal

import pytest

from headrace.errors import NotDone, SettingsError
from headrace.record import KafkaPosition
from headrace.sinks import Message, open_sink
from headrace.sinks.base import ContentRefused
from tests.support.tables import empty_row, row


def test_fields_become_columns_and_defaults_stand_in_for_what_is_missing(db):
    position = KafkaPosition("t", 0, 0)
    value = b'{"id": 1, "item": "a\\tb\\\\", "unknown": 1, "amount": 12345678901234567.25}'

    assert db.sink().send([Message(None, value, (), "", position)]) == [None]
    ((number, item, tags),) = db.rows("id, item, tags")
    assert (number, item, tags) == (1, "a\tb\\", "none")


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


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (b'"\\ud800"', "surrogate"),
        (b'{"a": NaN}', "the result is no JSON: NaN is no number in JSON"),
        (b'"\xff"', "not UTF-8"),
        (b'"a', "the result is no JSON: "),
    ],
)
@pytest.mark.parametrize("form", [b"%b", b"[%b]"])
def test_what_is_wrong_with_a_row_is_said(db, item, said, form):
    value = form % (b'{"id": 2, "item": ' + item + b"}")

    first, second = db.sink().send([row(1), empty_row(9, value)])
    assert first is None
    assert isinstance(second, ContentRefused)
    assert said in str(second)


@pytest.mark.parametrize("odd", [b'"\\u0000"', b'["\\ud800"]', b'{"\\udc00": 1e999}'])
def test_a_field_without_a_column_may_hold_anything(db, odd):
    value = b'{"id": 1, "item": "\\ud83d\\ude00", "amount": 12345678901234567.25, "more": %b}' % odd

    assert db.sink().send([row(0), empty_row(1, value), empty_row(2, b"[]")]) == [None] * 3
    assert db.rows("id, item")[1] == (1, "😀")
    if db.is_postgres:
        assert db.rows("amount")[1] == Decimal("12345678901234567.25")


def test_what_is_nested_too_deeply_is_refused(db):
    deep = b'{"id": 2, "tags": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    message = Message(None, deep, (), "", KafkaPosition("t", 0, 9))

    first, second = db.sink().send([row(1), message])
    assert first is None
    assert isinstance(second, ContentRefused)
    assert str(second) == "the result is nested too deeply"


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


def test_two_columns_may_take_one_field(db):
    db.execute("CREATE TABLE names (a varchar(9) UNIQUE, b varchar(9), n bigint)")
    messages = [Message(None, b'{"x": "1", "#": 5}', (), "", KafkaPosition("t", 0, 1))]

    for more in ({}, {"key": "a", "group": "b"}):
        assert db.sink("names", columns="a:x,b:x,n:%23", **more).send(messages) == [None]
        assert db.rows("a, b, n", "names") == [("1", "1", 5)]
    if db.is_postgres:
        with pytest.raises(SettingsError, match="the field x goes to columns of different types"):
            db.sink("names", columns="a:x,n:x")


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


def test_psycopg_that_is_not_installed_is_named(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("headrace.sinks.p")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SettingsError, match=r"psycopg is not installed: .*headrace\[postgres\]"):
        open_sink("postgres://host/db?table=t")
