"""`headrace dead-letters replay`: write records back, or say what that would do."""

import argparse
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

from headrace.commands.dead_letters.choice import Chosen, choose, complain, letters_of, say
from headrace.dead_letters.boxes.base import Box, open_box
from headrace.errors import SettingsError
from headrace.readable import printable
from headrace.sinks.url import SinkUrl

if TYPE_CHECKING:
    from headrace.dead_letters.replay import Replay


def replay(args: argparse.Namespace) -> int:
    """Replay the chosen letters. Returns 1 if one was not replayed. Raises SettingsError."""
    from headrace.dead_letters.replay import Replay  # noqa: PLC0415 - it needs the sinks' clients

    if not (args.ids or args.error_type or args.all):
        raise SettingsError("say what to replay: IDs, --error-type or --all")
    if args.to and (to := SinkUrl.parse(args.to)).is_same(SinkUrl.parse(args.url)):
        raise SettingsError(f"--to {to} is where the dead letters lie themselves")
    counts: Counter[str] = Counter()
    target = Replay(args.url, args.to, args.source, dry_run=args.dry_run)
    with closing(open_box(args.url)) as box, closing(target):
        if not (args.to or args.source):
            raise SettingsError(_where_to(box, args))
        try:
            for chunk in choose(box, args):
                if args.dry_run:
                    counts += _check(chunk, target)
                else:
                    counts += _put(chunk, target, box, keep=args.keep)
        finally:
            if not args.dry_run:
                say("replayed {replayed}, failed {failed}, removed {removed}".format_map(counts))
    return 1 if counts["failed"] else 0


def _where_to(box: Box, args: argparse.Namespace) -> str:
    """Return what the operator may say: letters alone do not decide where anything is written."""
    from headrace.dead_letters.replay import source_of  # noqa: PLC0415 - as above

    chosen = (letter for chunk in choose(box, args) for letter in letters_of(chunk))
    counts = Counter(map(source_of, chosen))
    flags = [f"--source {name} ({count})" for name, count in counts.items() if name is not None]
    return f"say where records may be written: {', '.join([*flags, '--to URL'])}"


def _check(chunk: list[Chosen], replay: "Replay") -> Counter[str]:
    """Say of each letter what replaying it would do."""
    counts: Counter[str] = Counter()
    for letter in letters_of(chunk):
        refusal = replay.check(letter)
        if refusal is None:
            say(printable(f"would replay {letter.id} to {replay.target(letter)}"))
        else:
            counts["failed"] += 1
            complain(f"{letter.id} would not be replayed: {refusal}")
    return counts


def _put(chunk: list[Chosen], replay: "Replay", box: Box, *, keep: bool) -> Counter[str]:
    """Replay the letters of a chunk; a message goes once all that is in it was acknowledged."""
    counts: Counter[str] = Counter()
    failures = iter(replay.put(letters_of(chunk)))
    for stored, found, complete in chunk:
        refused = [(letter, error) for letter in found if (error := next(failures)) is not None]
        for letter, error in refused:
            complain(f"{letter.id} was not replayed: {error}")
        counts.update(failed=len(refused), replayed=len(found) - len(refused))
        if box.removes and complete and not refused and not keep:
            box.remove(stored)
            counts["removed"] += len(found)
    return counts
