"""Putting the records of dead letters back where they came from, each one acknowledged."""

from collections.abc import Sequence
from typing import cast
from urllib.parse import quote, urlencode

import msgspec

from headrace.dead_letters.letter import DeadLetter, Reference
from headrace.errors import HeadraceError, SettingsError
from headrace.record import KafkaPosition, KinesisPosition, Record
from headrace.sinks import Message, Sink, open_sink
from headrace.sinks.url import SinkUrl


class Replay:
    """Writes records to their sources, or to one sink.

    Args:
        box: the URL that the letters are read from; a topic's cluster is taken for their own.
        to: where all records go instead; None: each to where it came from.
    """

    def __init__(self, box: str, to: str | None) -> None:
        self._box = SinkUrl.parse(box)
        self._to = to
        self._sinks: dict[str, Sink] = {}
        if to is not None:
            self._sink(to)  # a wrong one is found before anything is read

    def target(self, letter: DeadLetter) -> str:
        """The URL of the sink that the letter's records go to.

        Raises:
            SettingsError: they came from no stream, so `to` is needed.
        """
        if self._to is not None:
            return self._to
        match letter.position:
            case KafkaPosition(topic):
                return self._cluster(topic)
            case KinesisPosition(stream):
                return f"kinesis://{stream}"
        raise SettingsError(f"{letter.id}: it came from no stream; say where it goes with --to")

    def check(self, letter: DeadLetter) -> Exception | None:
        """Return why `put` would refuse the letter, or nothing. Nothing is written.

        Raises:
            SettingsError: the sink cannot be opened; `put` would raise this, too.
        """
        try:
            target = self.target(letter)
            self._records(letter)
        except HeadraceError as error:
            return error
        self._sink(target)
        return None

    def put(self, letters: Sequence[DeadLetter]) -> list[Exception | None]:
        """Write the records of letters in order, and wait.

        Returns:
            for each letter None, if every record of it was acknowledged, or what stood in the way.
        """
        failures: list[Exception | None] = [None] * len(letters)
        by_target: dict[str, list[tuple[int, Record]]] = {}
        for number, letter in enumerate(letters):
            try:
                for record in self._records(letter):
                    by_target.setdefault(self.target(letter), []).append((number, record))
            except HeadraceError as error:
                failures[number] = error
        for url, chosen in by_target.items():
            messages = [Message(r.key, r.value, r.headers, r.id) for _, r in chosen]
            for (number, _), failure in zip(chosen, self._sink(url).send(messages), strict=True):
                failures[number] = failures[number] or failure
        return failures

    def close(self) -> None:
        """Close the sinks."""
        for sink in self._sinks.values():
            sink.close()

    def _records(self, letter: DeadLetter) -> list[Record]:
        if not isinstance(letter, Reference):
            return [letter.record()]
        if isinstance(letter.position, KafkaPosition):
            from headrace.dead_letters.boxes.kafka import fetch  # noqa: PLC0415 - its client

            topic, partition, first = msgspec.structs.astuple(letter.position)
            last = cast("KafkaPosition", letter.last).offset
            return fetch(SinkUrl.parse(self._cluster(topic)), topic, partition, first, last)
        from headrace.dead_letters.refetch_kinesis import fetch as fetch_shard  # noqa: PLC0415

        return fetch_shard(
            cast("KinesisPosition", letter.position), cast("KinesisPosition", letter.last)
        )

    def _cluster(self, topic: str) -> str:
        """The URL of a topic: in the letters' cluster, or by HEADRACE_BOOTSTRAP_SERVERS."""
        if self._box.scheme != "kafka":
            return f"kafka:///{topic}"
        query = urlencode(self._box.params)
        return f"kafka://{quote(self._box.host, safe=':,')}/{topic}" + (
            f"?{query}" if query else ""
        )

    def _sink(self, url: str) -> Sink:
        if url not in self._sinks:
            self._sinks[url] = open_sink(url)
        return self._sinks[url]
