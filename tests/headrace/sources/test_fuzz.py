"""Mutated events of every source: one clear error, or an answer that calls no failure a success."""

import copy
import json
import math
import os
import random
from pathlib import Path

import pytest

from headrace.errors import BatchFailed, HeadraceError, MalformedEvent
from headrace.handler import Handler
from headrace.sources import open_source
from headrace.sources.shapes import source_of
from headrace.worker import Worker, WorkerSettings

EVENTS = sorted((Path(__file__).parents[2] / "events").glob("*.json"))
ROUNDS = int(os.environ.get("SOAK_EVENTS", "8000")) // len(EVENTS)
# Python's JSON reads 1e999 as infinity, and takes a NaN.
NUMBERS = (0, -1, 1e300, 10**400, math.inf, math.nan, True)
TEXTS = ("", "text", "\ud83d", "x" * 300, "AA=", "0001-01-01T00:00:00+14:00", "{}")
JUNK = (None, *NUMBERS, *TEXTS, [], {}, [None], [{}], {"a": []})


class Failing(Worker):
    """Every record fails."""

    def process(self, record):
        raise KeyError(record.id)


HANDLER = Handler(
    Failing, WorkerSettings(report_batch_item_failures=True, unwrap=("sns", "s3", "eventbridge"))
)


def places(value, path=()):
    """The path of everything inside a JSON value."""
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from places(inner, (*path, key))


def mutated(event, chance):
    """The event with one to three of its parts removed, replaced or repeated."""
    event = copy.deepcopy(event)
    for _ in range(chance.randint(1, 3)):
        inside = [path for path in places(event) if path]
        if not inside:
            break
        *way, last = chance.choice(inside)
        parent = event
        for key in way:
            parent = parent[key]
        match chance.randrange(3):
            case 0:
                del parent[last]
            case 1:
                parent[last] = copy.deepcopy(chance.choice(JUNK))
            case _ if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[last]))
    return event


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_a_mutated_event_ends_in_one_error_or_in_an_honest_answer(path, caplog):
    event = json.loads(path.read_text())
    chance = random.Random(path.stem)
    for _ in range(ROUNDS):
        changed = mutated(event, chance)
        try:
            source = open_source(source_of(changed))
            answer = HANDLER(changed)
        except (MalformedEvent, BatchFailed):
            pass
        except KeyError:  # the worker's own, to a caller: no mark is left
            assert source.name == "direct"
        except HeadraceError as error:
            pytest.fail(f"{type(error).__name__}: {error} for {changed}")
        else:
            judge(source, changed, answer)


def judge(source, event, answer):
    """Every record failed: unless there was none, the answer must say so."""
    if source.redelivery == "caller":
        assert answer["statusCode"] >= 400
        return
    records = source.records(event)
    if source.redelivery == "partial":
        assert bool(answer["batchItemFailures"]) == bool(records)
    elif source.redelivery == "each":
        told = [one["recordId"] for one in answer["records"]]
        assert told == [record.position.id for record in records]
        assert "Ok" not in {one["result"] for one in answer["records"]}
    else:
        assert not records
