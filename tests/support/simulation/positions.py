"""The positions of a simulated runner: its source commits them, where the runner owns them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from headrace.record import KafkaPosition
from headrace.runner.poller import Settle

if TYPE_CHECKING:
    from tests.support.simulation.member import Member


class Waited:
    """A source whose commits are waited for."""

    def __init__(self, member: "Member") -> None:
        self._member = member

    def commit(self, positions: Sequence[KafkaPosition]) -> None:
        """Commit, and wait for it."""
        if self._member.world.refuses_commits:
            raise OSError("no broker")
        self._apply(positions)

    def _apply(self, positions: Sequence[KafkaPosition]) -> None:
        world = self._member.world
        try:
            for position in positions:
                owner = world.owners[position.partition]
                assert owner is self._member, f"{position} is committed by one who has lost it"
                world.history.commit(position)
        except AssertionError as error:
            world.broken = error
            raise


class Answered(Waited):
    """A source that answers later."""

    def begin_commit(self, positions: Sequence[KafkaPosition], settle: Settle) -> None:
        """The broker has it at once, or never; the answer comes later."""
        member, refused = self._member, self._member.world.refuses_commits
        assert member.answer is None
        if not refused:
            self._apply(positions)

        def answer(heard: bool) -> None:
            member.answer = None
            settle([None if heard else OSError("no answer")] * len(positions))

        member.answer = lambda heard: answer(heard and not refused)
