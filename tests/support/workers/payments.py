"""A worker whose `process` is @once, and which counts what it does."""

from typing import ClassVar

from headrace import Reject, Worker, once


class Payments(Worker):
    """Counts what it does, which is the effect."""

    effects: ClassVar = []

    def setup(self):
        type(self).effects = []

    @once(key="payment.id")
    def process(self, record):
        value = record.json()["payment"]
        if value.get("reject"):
            raise Reject("no")
        if value.get("fail"):
            raise OSError("not now")
        self.effects.append(value["id"])
        return {"paid": value["id"], "as": len(self.effects)}


def payment(number, **more):
    return {"payment": {"id": number, **more}}
