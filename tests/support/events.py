"""Events of AWS, one file each."""

import json
from pathlib import Path

EVENTS = Path(__file__).parents[1] / "events"


def load(name):
    return json.loads((EVENTS / f"{name}.json").read_text())
