"""An invoker that has each record checked by a schema registry before the function sees it."""

from collections.abc import Mapping, Sequence

import msgspec

from headrace import json_text
from headrace.errors import NotDone, Reject
from headrace.log import Log
from headrace.payloads.checked import Checked
from headrace.payloads.frames import Part
from headrace.payloads.part import PartReader
from headrace.processing.outcomes import Outcomes
from headrace.processing.settling import held_back
from headrace.record import Record
from headrace.runner.delivery.limits import GivenUp
from headrace.runner.filter.filter import Filter
from headrace.runner.function.context import close
from headrace.runner.function.types import Invoke


class SchemaValidationFailed(GivenUp):
    """A key or a value has no frame, names an unknown schema, or does not fit its schema."""


class CheckingInvoker:
    """Checks records, and hands over those that fit.

    What does not fit fails at once and for good. What a filter passes over is done.

    Args:
        invoke: takes a batch to the function.
        readers: of what is checked.
        as_json: whether the function gets JSON; else, what was written without its frame.
        passes: which records the function gets to see; None: all.
        isolates: whether what fails holds back its own key alone. Otherwise nothing goes past it.
        log: is told what does not fit: a failure record has no place for the reason.
    """

    def __init__(
        self,
        invoke: Invoke,
        readers: Mapping[Part, PartReader],
        *,
        as_json: bool,
        passes: Filter | None,
        isolates: bool,
        log: Log,
    ) -> None:
        self._invoke = invoke
        self._readers = readers
        self._as_json = as_json
        self._passes = passes
        self._isolates = isolates
        self._log = log

    def __call__(self, records: Sequence[Record]) -> Outcomes:
        """Invoke once. Raises what made the whole batch fail, as a registry that is away."""
        outcomes, fitting = Outcomes(records), list[tuple[int, Record]]()
        stopped, held = False, set[bytes | None]()
        for index, record in enumerate(records):
            if stopped or (held and record.key in held):
                outcomes.fail(index, held_back() if not stopped else _after())
                continue
            try:
                fitting.append((index, self._checked(record)))
            except Reject as error:
                self._log.error("record not valid", record=record.id, error=error.detail)
                outcomes.fail(index, SchemaValidationFailed(error.detail, 1))
                stopped = not self._isolates
                if record.key is not None:
                    held.add(record.key)
        self._hand_over(fitting, outcomes)
        return outcomes

    def close(self) -> None:
        """Let go of the function."""
        close(self._invoke)

    def _hand_over(self, fitting: list[tuple[int, Record]], outcomes: Outcomes) -> None:
        passed = self._passes([record for _, record in fitting]) if self._passes else None
        if passed is not None:
            fitting = [one for one, passes in zip(fitting, passed, strict=True) if passes]
        if not fitting:
            return
        found = self._invoke([record for _, record in fitting])
        for place, (index, _) in enumerate(fitting):
            error = found.failures.get(place)
            if error is not None:
                outcomes.fail(index, error)
            elif place in found.rejected:
                outcomes.reject(index, found.rejected[place])
            else:
                outcomes.keep(index, found.results[place])

    def _checked(self, record: Record) -> Record:
        changes: dict[str, object] = {}
        for part, reader in self._readers.items():
            data = record.value if part == "value" else record.key
            if data is not None:
                checked = reader.check(data, record)
                changes[part] = _json(part, checked) if self._as_json else checked.payload
                changes[f"{part}_schema"] = checked.schema
        # One that is not read as a whole keeps its message, which knows whose time it has.
        return msgspec.structs.replace(record, **changes)


def _json(part: Part, checked: Checked) -> bytes:
    if checked.schema.data_format == "JSON":
        return checked.payload
    try:
        # Bytes as base64, times as in ISO 8601, decimals as text.
        return json_text.encode(msgspec.to_builtins(checked.value))
    except (json_text.JsonError, ValueError, OverflowError) as error:
        raise Reject(f"the {part} has no form in JSON: {error}") from None


def _after() -> NotDone:
    return NotDone("it comes after a record that does not fit its schema")
