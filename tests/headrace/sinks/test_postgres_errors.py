"""Errors of PostgreSQL: whether they blame a row or the table, and what they tell."""

import pytest

from headrace.sinks.base import ContentRefused
from tests.support.tables import empty_row


def test_what_can_never_work_is_told_at_once(postgres, orders):
    """The server plans an upsert by a key whose check is put off; only a row is refused."""
    with postgres.connect(orders.database) as other:
        other.execute("ALTER TABLE orders ADD CONSTRAINT later UNIQUE (at) DEFERRABLE")
    (problem,) = orders(key="at").send([empty_row(0)])
    assert "does not support deferrable unique constraints" in str(problem)


TRIGGER = """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW."a%b" = 'bad' THEN RAISE EXCEPTION 'not this one' USING ERRCODE = 'U0001'; END IF;
    RETURN NEW; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION refuse()"""
QUERY = 'ALTER TABLE orders ALTER "a%b" DROP DEFAULT, ALTER "a%b" TYPE tsquery USING NULL'
POLICY = """CREATE POLICY p ON orders WITH CHECK ("a%b" <> 'bad');
    ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE ROLE {0}; GRANT ALL ON SCHEMA public TO {0}; ALTER TABLE orders OWNER TO {0};
    ALTER ROLE headrace IN DATABASE {0} SET role = {0}"""
LONG = "".join(map(chr, range(0x4E00, 0x9000)))


@pytest.mark.parametrize(
    ("statement", "bad", "said"),
    [
        (TRIGGER, "bad", "not this one"),
        (QUERY, "a & & b", "syntax error in tsquery"),
        ('CREATE INDEX ON orders ("a%b")', LONG, "index row"),
        (POLICY, "bad", "row-level security"),
    ],
)
def test_an_error_of_any_kind_may_be_a_rows_own(postgres, orders, statement, bad, said):
    """The codes of these errors are also those of a table that cannot be written at all."""
    with postgres.connect(orders.database) as other:
        other.execute(statement.replace("{0}", orders.database))
    values = [f'{{"a%b": "{value}"}}'.encode() for value in ("a", bad, "c")]

    failures = orders().send([empty_row(n, value) for n, value in enumerate(values)])

    assert [failure is None for failure in failures] == [True, False, True]
    assert isinstance(failures[1], ContentRefused)
    assert said in str(failures[1])


def test_a_table_that_is_gone_blames_no_row(postgres, orders):
    sink = orders()
    with postgres.connect(orders.database) as other:
        other.execute("ALTER TABLE orders RENAME TO others")

    failures = sink.send([empty_row(0), empty_row(1)])

    assert ["does not exist" in str(failure) for failure in failures] == [True, True]
    assert not any(isinstance(failure, ContentRefused) for failure in failures)


def test_an_error_does_not_show_the_row(orders):
    (failure,) = orders().send([empty_row(0, b'{"at": "s3cret"}')])
    twice = [empty_row(n, b'{"Order Id": 5, "more": "s3cret"}') for n in (1, 2)]
    (_, second) = orders().send(twice)

    (large,) = orders().send([empty_row(3, b'{"Order Id": 98765432109876543210}')])

    assert "invalid input syntax" in str(failure)
    assert str(large) == 'value "…" is out of range for type bigint'
    assert "duplicate key" in str(second)
    assert "s3cret" not in f"{failure} {second}"


def test_what_no_text_of_the_server_holds_is_named(orders):
    values = [b'{"a%b": "\\u0000"}', b'{"more": {"a": "\\ud800"}}']

    failures = orders().send([empty_row(n, value) for n, value in enumerate(values)])

    assert str(failures[0]).endswith(r": \u0000 cannot be converted to text.")
    assert str(failures[1]).endswith(": Unicode low surrogate must follow a high surrogate.")
