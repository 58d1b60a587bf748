"""Putting the records of dead letters back where they came from, each one acknowledged.

Whoever wrote a letter decides nothing: records go to the sink that the operator named, or back to
topics and streams that the operator named.
"""

from collections.abc import Collection, Sequence

from headrace.dead_letters.letter import DeadLetter
from headrace.dead_letters.notification import enveloped
from headrace.dead_letters.reading import Reference
from headrace.errors import HeadraceError, SettingsError
from headrace.names import is_stream, is_topic
from headrace.record import (
    DynamoDbPosition,
    Headers,
    KafkaPosition,
    KinesisPosition,
    MessagePosition,
    Record,
)
from headrace.sinks import Message, Sink, open_sink
from headrace.sinks.open import check_sink
from headrace.sinks.url import SinkUrl
from headrace.sources.sqs_message import MESSAGE_GROUP

_TOPICS = {"sns", "arn"}


class Replay:
    """Writes records to their sources, or to one sink.

    Args:
        box: the URL that the letters are read from; a topic's cluster is taken for their own.
        to: where all records go. None: each to where it came from.
        sources: the topics and streams that records may go back to.
        dry_run: whether `put` is never called: then no sink is opened, as some make what they
            write to.
    """

    def __init__(
        self, box: str, to: str | None, sources: Collection[str] = (), *, dry_run: bool = False
    ) -> None:
        self._box = SinkUrl.parse(box)
        self._to = None if to is None else SinkUrl.parse(to)
        for name in sources:
            if not (is_topic(name) or is_stream(name)):
                raise SettingsError(f"--source {name!r} is no name of a topic or a stream")
        self._sources = frozenset(sources)
        self._dry_run = dry_run
        self._sinks: dict[str, Sink] = {}
        self._checked: set[str] = set()
        if self._to is not None:
            self._check(self._to)  # a wrong one is found before anything is read

    def target(self, letter: DeadLetter) -> SinkUrl:
        """Return the sink that the letter's records go to.

        Raises:
            SettingsError: it is none that the operator named.
        """
        if self._to is not None:
            return self._to
        name = source_of(letter)
        if isinstance(letter.position, DynamoDbPosition):
            raise SettingsError(
                f"{letter.id}: a table's stream takes no records; say where it goes with --to"
            )
        if name is None:
            raise SettingsError(f"{letter.id}: it came from no stream; say where it goes with --to")
        if name not in self._sources:
            raise SettingsError(f"it came from {name}, which --source does not name")
        if isinstance(letter.position, KafkaPosition):
            return self._cluster(name)
        return SinkUrl("kinesis", name, "", {}, self._box.variables)

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
        self._check(target)
        return None

    def put(self, letters: Sequence[DeadLetter]) -> list[Exception | None]:
        """Write the records of letters in order, and wait.

        Returns:
            for each letter None, if every record of it was acknowledged, or what stood in the way.

        Raises:
            SettingsError: a sink cannot be opened; nothing of these letters was written.
        """
        failures: list[Exception | None] = [None] * len(letters)
        by_target: dict[str, tuple[Sink, list[tuple[int, Message]]]] = {}
        for number, letter in enumerate(letters):
            try:
                target = self.target(letter)
                records = self._records(letter)
            except HeadraceError as error:
                failures[number] = error
                continue
            _, chosen = by_target.setdefault(str(target), (self._sink(target), []))
            chosen += [(number, _message(record, target)) for record in records]
        for sink, chosen in by_target.values():
            messages = [message for _, message in chosen]
            for (number, _), failure in zip(chosen, sink.send(messages), strict=True):
                failures[number] = failures[number] or failure
        return failures

    def close(self) -> None:
        """Close the sinks."""
        for sink in self._sinks.values():
            sink.close()

    def _records(self, letter: DeadLetter) -> list[Record]:
        if not isinstance(letter, Reference):
            return [letter.record()]
        if found := self._fetched(letter):
            return found
        raise SettingsError(f"{letter.id}: gone, there is no such record any more")

    def _fetched(self, letter: Reference) -> list[Record]:
        match letter.position, letter.last:
            case KafkaPosition(topic, partition, first), KafkaPosition(_, _, last):
                from headrace.dead_letters.boxes.kafka import fetch  # noqa: PLC0415 - its client

                return fetch(self._cluster(topic), topic, partition, first, last)
            case KinesisPosition() as start, KinesisPosition() as end:
                from headrace.dead_letters import refetch_kinesis  # noqa: PLC0415 - as above

                return refetch_kinesis.fetch(start, end)
            case DynamoDbPosition() as start, DynamoDbPosition() as end:
                from headrace.dead_letters import refetch_dynamodb  # noqa: PLC0415 - as above

                return refetch_dynamodb.fetch(start, end)
        raise SettingsError(f"{letter.id}: the letter does not hold the record, and no stream does")

    def _cluster(self, topic: str) -> SinkUrl:
        """Return the URL of a topic: in the letters' cluster, or by HEADRACE_BOOTSTRAP_SERVERS."""
        box = self._box
        host, params = (box.host, box.params) if box.scheme == "kafka" else ("", {})
        return SinkUrl("kafka", host, f"/{topic}", params, box.variables)

    def _check(self, url: SinkUrl) -> None:
        """See that a sink can be opened, once. Raises SettingsError."""
        if not self._dry_run:
            self._sink(url)
        elif str(url) not in self._checked:
            check_sink(url)
            self._checked.add(str(url))

    def _sink(self, url: SinkUrl) -> Sink:
        """Open a sink, once. The parameters are the same for all that have the same name."""
        if str(url) not in self._sinks:
            self._sinks[str(url)] = open_sink(url)
        return self._sinks[str(url)]


def source_of(letter: DeadLetter) -> str | None:
    """Return the topic or the stream that a letter's records came from; None if there is none."""
    match letter.position:
        case KafkaPosition(name) | KinesisPosition(name):
            return name
    return None


def _message(record: Record, target: SinkUrl) -> Message:
    if target.scheme in {"sqs", *_TOPICS}:
        record = enveloped(record, in_topic=target.scheme in _TOPICS)
    as_sent = record.source == target.scheme == "sqs"
    return Message(
        record.key,
        record.value,
        _senders(record),
        record.id,
        as_sent=as_sent,
        group=dict(record.headers).get(MESSAGE_GROUP) if as_sent else None,
    )


def _senders(record: Record) -> Headers:
    """Return the headers that the sender wrote: what a service says of a message is its own."""
    if not isinstance(record.position, MessagePosition):
        return record.headers
    return tuple((name, value) for name, value in record.headers if not name.startswith("aws."))
