"""Golden samples: rows, and what the published model answers to them.

A version that does not reproduce its own answers on this machine is not served.
"""

import json
from codecs import BOM_UTF8
from collections.abc import Sequence
from typing import Any

import msgspec

from headrace import json_text
from headrace.errors import HeadraceError
from headrace.inference.answers import difference

_MAX_SAMPLES = 1000


class GoldenError(HeadraceError):
    """A file of golden samples is not one, or a sample is answered otherwise than recorded."""


class Sample(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A row, and the answer that it must get.

    Attributes:
        input: The row, as a record's JSON has it.
        output: The answer; unset if whatever the published model answers is to be recorded. It may
            leave out outputs that do not matter.
    """

    input: Any
    output: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


def parse(content: bytes, name: str) -> list[Sample]:
    """Read samples, one JSON object a line.

    Args:
        content: The file.
        name: What an error calls it.

    Raises:
        GoldenError: Names the line that is none, or says that there are none or too many.
    """
    lines = [line for line in content.removeprefix(BOM_UTF8).splitlines() if line.strip()]
    if not 0 < len(lines) <= _MAX_SAMPLES:
        raise GoldenError(f"{name} has {len(lines)} samples, not 1 to {_MAX_SAMPLES}")
    decoder = msgspec.json.Decoder(Sample)
    samples = []
    for number, line in enumerate(lines, start=1):
        try:
            samples.append(decoder.decode(line))
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise GoldenError(f'{name}, line {number}: not {{"input": …}}: {error}') from error
    return samples


def recorded(samples: Sequence[Sample], answers: Sequence[dict[str, Any]]) -> list[Sample]:
    """Return samples with an answer each: their own, or what was answered.

    Raises:
        GoldenError: Names the first answer that JSON cannot express, such as NaN.
    """
    found = []
    for number, (sample, answer) in enumerate(zip(samples, answers, strict=True), start=1):
        if sample.output is not msgspec.UNSET:
            found.append(sample)
            continue
        try:
            json_text.encode(answer)
        except json_text.JsonError as error:
            told = f"golden sample {number} is answered with what JSON cannot say: {error}"
            raise GoldenError(told) from error
        found.append(Sample(sample.input, answer))
    return found


def write(samples: Sequence[Sample]) -> bytes:
    """Return the content of a file of samples."""
    return b"".join(msgspec.json.encode(sample) + b"\n" for sample in samples)


def check(samples: Sequence[Sample], answers: Sequence[dict[str, Any]], tolerance: float) -> None:
    """Hold answers against the recorded ones.

    Raises:
        GoldenError: Names the first sample whose answer differs, and where.
    """
    for number, (sample, answer) in enumerate(zip(samples, answers, strict=True), start=1):
        if sample.output is msgspec.UNSET:
            continue
        expected = sample.output
        actual = {name: answer[name] for name in expected if name in answer}
        if found := difference(expected, as_json(actual), tolerance):
            raise GoldenError(
                f"golden sample {number} is answered otherwise than recorded: {found}"
            )


def as_json(value: Any) -> Any:
    """Return a value as it comes back from JSON; NaN stays NaN."""
    return json.loads(json.dumps(value))
