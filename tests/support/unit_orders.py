"""What the tests of the kit for unit tests share: a worker of orders, and an order."""

from headrace import Record, Reject, Worker


class Orders(Worker):
    def process(self, record: Record):
        order = record.json()
        if order["amount"] < 0:
            raise Reject("amount is negative", errors=["amount"])
        return {"id": order["id"], "ok": True}


def order(number, amount=1):
    """An order as JSON says it."""
    return {"id": number, "amount": amount}
