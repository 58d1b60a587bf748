"""A table of SQLite: its columns, and the statement that writes a row."""

import re
import sqlite3
from collections.abc import Sequence

from headrace.sinks.table.parameters import TableOptions
from headrace.sinks.url import SinkUrl

Column = tuple[str, str, str | None]
"""Name, field, default."""

# A bare word as a default is text, but for these.
_WORD = re.compile(
    r"\A(?!(?:null|true|false|current_(?:time|date|timestamp))\Z)[^\W\d][\w$]*\Z", re.IGNORECASE
)


def check(
    url: SinkUrl, asked: TableOptions, connection: sqlite3.Connection, columns: Sequence[Column]
) -> None:
    """Refuse columns that are not there, and a statement that the table cannot have."""
    names = [name for name, _, _ in columns]
    if not names:
        raise url.wrong(f"there is no table {asked.table}, or it has none of the columns")
    for name in (*asked.columns, *asked.key):
        if name not in names:
            raise url.wrong(f"table {asked.table} has no column {name} that can be written")
    connection.execute(f"EXPLAIN {statement(columns, asked)}", [None] * len(columns))


def look_up(connection: sqlite3.Connection, asked: TableOptions) -> list[Column]:
    """Return the columns that are written; none if there is no such table."""
    found = connection.execute(
        "SELECT name, dflt_value, hidden FROM pragma_table_xinfo(?)", (asked.table,)
    )
    return [
        (name, asked.columns.get(name, name), default and _WORD.sub(r"'\g<0>'", default))
        for name, default, hidden in found
        if (name in asked.columns if asked.columns else not hidden)
    ]


def statement(columns: Sequence[Column], asked: TableOptions) -> str:
    """Return the statement that writes a row: a parameter for each column."""
    names = ", ".join(_quoted(name) for name, _, _ in columns)
    # A column with a default gets that if its field is missing or null.
    values = ", ".join("?" if d is None else f"COALESCE(?, ({d}))" for _, _, d in columns)
    insert = f"INSERT INTO {_quoted(asked.table)} ({names}) VALUES ({values})"  # noqa: S608
    if not asked.key:
        return insert
    others = [name for name, _, _ in columns if name not in asked.key]
    changes = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in others)
    key = ", ".join(map(_quoted, asked.key))
    does = "NOTHING" if asked.mode == "insert" or not others else f"UPDATE SET {changes}"
    return f"{insert} ON CONFLICT ({key}) DO {does}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
