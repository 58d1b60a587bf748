"""The classifier answers any input."""

import json
import random

from models.tumor.features import FEATURES
from tests.support.models.tumor import EVENT
from tests.support.tumor_requests import http, problem

FUZZED_EVENTS = 10_000


ODD = [
    None,
    True,
    "",
    "1",
    [],
    {},
    float("nan"),
    float("inf"),
    1e39,
    10**30,
    10**400,
    -1,
    0,
    "\ud800",
]
NAMES = ["", "id", "explain", "radius", "Radius_mean", "\ud800", "é" * 500, "__proto__", "0"]


def fuzzed_features(chance):
    """The reference event with nothing, something or everything wrong; and whether it is good."""
    event, good = dict(EVENT), True
    pairs = list(event.items())
    chance.shuffle(pairs)
    event = dict(pairs)
    for name in chance.sample(FEATURES, chance.choice([0, 0, 1, 1, 2, 30])):
        kind = chance.randrange(3)
        if kind == 0:
            event[name] = chance.uniform(-1e30, 1e30)
        elif kind == 1:
            event[name], good = chance.choice(ODD[:9]), False
        else:
            del event[name]
            good = False
    if chance.random() < 0.2:
        event[chance.choice(NAMES)] = chance.choice(ODD)
        good = None  # depends on what was hit
    return event, good


def fuzzed_json(chance):
    """Any JSON value, sometimes a damaged text."""
    event, good = fuzzed_features(chance)
    text = json.dumps(event)
    kind = chance.randrange(4)
    if kind == 0:
        return text, good
    if kind == 1:
        return text[: chance.randrange(len(text))], False
    if kind == 2:
        place = chance.randrange(len(text))
        return text[:place] + chr(chance.randrange(0xD800)) + text[place + 1 :], None
    return json.dumps(chance.choice([*ODD, [event], {"body": event}])), False


def test_ten_thousand_fuzzed_events_are_answered(handler):
    chance = random.Random(20)
    statuses = {200: 0, 400: 0}
    for number in range(FUZZED_EVENTS):
        if number % 2:
            body, good = fuzzed_json(chance)
            response = handler(http(body, encoded=chance.random() < 0.3))
            status = response["statusCode"]
        else:
            event, good = fuzzed_features(chance)
            response = handler(event)
            status = response.get("statusCode", 200)
        if status == 400:
            problem(response)
            assert len(response["body"]) < 10_000
        else:
            answer = json.loads(response["body"]) if number % 2 else response
            assert answer["result"] in ("B", "M")
        assert good is None or good == (status == 200), (number, good, response)
        statuses[status] += 1
    assert min(statuses.values()) > 500
