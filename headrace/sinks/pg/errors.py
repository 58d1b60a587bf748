"""What PostgreSQL's errors mean for the rows: are they to blame, or may it work later?"""

import re

import psycopg

from headrace.sinks.base import ContentRefused
from headrace.sinks.partial_writes import Transient

# Classes of SQLSTATE that blame the rows: data, constraints, a trigger's own, views.
_OF_CONTENT = ("21", "22", "23", "44", "P0")
# Those that pass: connections, a replica, conflicts with others, a server short of something.
_OF_THE_MOMENT = ("08", "25", "40", "53", "55006", "55P03", "57", "58")

_QUOTED = re.compile(r'"[^"]*"')
# Details about escapes in JSON; they quote nothing.
_OF_ESCAPES = ("\\u0000 ", "Unicode ")


def in_our_terms(error: psycopg.Error) -> Exception:
    """Return the error as the base of all sinks knows it."""
    if (error.sqlstate or "").startswith(_OF_CONTENT):
        return ContentRefused(said(error))
    if error.sqlstate is None or error.sqlstate.startswith(_OF_THE_MOMENT):
        return Transient(said(error))
    return error


def said(error: psycopg.Error) -> str:
    """Return what the server said, on one line, and without the row: errors are logged."""
    message = error.diag.message_primary
    if not message:
        return " ".join(str(error).split())
    message = message.partition(': "')[0]
    if (error.sqlstate or "").startswith("22"):  # of data: what it quotes is a value
        message = _QUOTED.sub('"…"', message)
    detail = error.diag.message_detail or ""
    return f"{message}: {detail}" if detail.startswith(_OF_ESCAPES) else message
