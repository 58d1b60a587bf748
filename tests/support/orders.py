"""A worker of orders, some of which it rejects or fails, and orders for it."""

from headrace import Reject, Worker


class Orders(Worker):
    def process(self, record):
        order = record.json()
        if order["amount"] < 0:
            raise Reject("amount is negative")
        if order["amount"] == 13:
            raise OSError("the bank is closed")
        return {"id": order["id"]}


def orders(*amounts):
    """Orders with these amounts, numbered."""
    return [{"id": number, "amount": amount} for number, amount in enumerate(amounts)]


def ids(records):
    """The numbers of the orders."""
    return [record.json()["id"] for record in records]
