"""Decimals of Avro, each within the precision that its schema says.

fastavro rounds a longer one without a word, and takes minutes for one of a megabyte.
"""

from decimal import MAX_PREC, Context, Decimal
from typing import Any

from fastavro.read import LOGICAL_READERS

from headrace.payloads.formats.avro_schema import Named, parts

_OURS = "headrace-decimal"
_EXACT = Context(prec=MAX_PREC)
_BITS = 3.33  # of a decimal digit, and a little more


def hold_decimals(schema: Any, named: Named) -> None:
    """Have decimals read within their precision.

    Args:
        schema: in fastavro's form; it is changed.
        named: its types that have names; they are changed, too.
    """
    for root in (schema, *named.values()):
        for part in parts(root, {}):
            if isinstance(part, dict) and part.get("logicalType") == "decimal":
                part["logicalType"] = _OURS


def _decimal(data: bytes, schema: Any, reader: Any = None) -> Decimal:
    """Read a decimal, as fastavro asks for it."""
    del reader
    precision, number = schema["precision"], int.from_bytes(data, "big", signed=True)
    if number.bit_length() <= precision * _BITS + 1:  # to make a longer one a Decimal takes long
        found = Decimal(number)
        if found.adjusted() < precision:
            return found.scaleb(-schema.get("scale", 0), _EXACT)
    raise ValueError(f"a decimal has more than {precision} digits")


LOGICAL_READERS |= {f"{kind}-{_OURS}": _decimal for kind in ("bytes", "fixed")}
