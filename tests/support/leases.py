"""What must come of a lease, as a model, and every order of what three actors may do."""

import itertools

from headrace.idempotency.store import Claim

LEASE, WINDOW = 60.0, 600.0

ENDS = ("complete", "release", "crash", "extend and complete")

ACTORS = "abc"


class Model:
    """What must come of each step: one key, who holds it, whether the lease has ended."""

    def __init__(self):
        self.holder = None
        self.ended = False
        self.answer = None

    def claim(self, actor):
        if self.answer is not None:
            return Claim("done", "digest", self.answer)
        if self.holder is not None and not self.ended:
            return Claim("busy")
        self.holder, self.ended = actor, False
        return Claim("mine")

    def extend(self, actor):
        if self.holder == actor and self.answer is None:
            self.ended = False

    def complete(self, actor, answer):
        """Whether the lease was lost."""
        if self.holder != actor or self.answer is not None:
            return True
        self.answer = answer
        return False

    def release(self, actor):
        if self.holder == actor and self.answer is None:
            self.holder, self.ended = None, False

    def end_leases(self):
        self.ended = True


def play(store, end_leases, key, steps, ends):
    """Have actors do steps, each first its claim, then its end; compare with the model."""
    model, begun = Model(), set()
    for step in steps:
        if step == "!":
            end_leases()
            model.end_leases()
        elif step not in begun:
            begun.add(step)
            found = store.claim({key: "digest"}, step, LEASE)
            assert found == {key: model.claim(step)}
        else:
            end = ends[step]
            if end == "extend and complete":
                store.extend([key], step, LEASE)
                model.extend(step)
            if end == "release":
                store.release([key], step)
                model.release(step)
            if end.endswith("complete"):
                answer = f'"{step}"'
                lost = store.complete({key: answer}, step, WINDOW)
                assert lost == ({key} if model.complete(step, answer) else set())


def orders():
    """Every order of two steps of each of three actors, with up to two ends of all leases."""
    for order in set(itertools.permutations(ACTORS * 2)):
        if [*dict.fromkeys(order)] != [*ACTORS]:
            continue  # the same with other names
        for places in itertools.chain.from_iterable(
            itertools.combinations(range(1, 7), count) for count in range(3)
        ):
            steps = list(order)
            for place in reversed(places):
                steps.insert(place, "!")
            yield steps


ORDERS = list(orders())
