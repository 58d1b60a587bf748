"""Which versions may be deleted, and deleting them."""

import os
import time
import uuid
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from headrace.store.aliases import Alias
from headrace.store.durable import move
from headrace.store.model_folder import ModelFolder
from headrace.store.model_store import changed

_STALE_SECONDS = 24 * 3600.0  # no publisher takes longer over one version


def collect(
    folder: ModelFolder,
    versions: Sequence[str],
    aliases: Collection[Alias],
    keep: int,
    older_than_seconds: float,
) -> list[str]:
    """Delete the versions that nobody needs any more, and what dead publishers left in staging.

    Args:
        folder: Where they lie.
        versions: All of them, the latest made first.
        aliases: All of them.
        keep: How many earlier versions of each alias stay.
        older_than_seconds: Everything younger stays.

    Returns:
        The names of the versions that were deleted.
    """
    before = time.time() - older_than_seconds
    young = [name for name in versions if changed(folder.versions / name) >= before]
    collected = collectable(versions, aliases, keep, young)
    for name in collected:  # whole, in one step: nobody finds half a version
        aside = folder.scratch()
        move(folder.versions / name, aside)
        delete(aside)
    for path in folder.staging.glob("*"):
        if changed(path) < time.time() - max(older_than_seconds, _STALE_SECONDS):
            delete(path)
    return collected


def collectable(
    versions: Sequence[str], aliases: Collection[Alias], keep: int, young: Iterable[str]
) -> list[str]:
    """Return the versions that nobody needs any more.

    What an alias stands for stays, as do versions before it, to be rolled back to, and those that
    are newer than what any alias stands for, as they may still be wanted.

    Args:
        versions: All of them, the latest made first.
        aliases: All of them.
        keep: How many earlier versions of each alias stay.
        young: Versions that stay in any case.
    """
    kept = {name for alias in aliases for name in (alias.version, *alias.previous(keep))}
    served = [versions.index(alias.version) for alias in aliases if alias.version in versions]
    old = versions[min(served, default=len(versions)) :]
    return [name for name in old if name not in kept.union(young)]


def delete(path: Path) -> None:
    """Delete a file, a link, or a folder with all that is in it, as far as the disk allows.

    Folders inside are first moved up beside the path, so that neither the depth of a tree nor the
    length of its paths can stop it. What an NFS client still holds open stays, to be deleted later.
    """
    pending = [path]
    while pending:
        pending += _delete_level(pending.pop(), path.parent)


def _delete_level(path: Path, beside: Path) -> list[Path]:
    """Delete a path without the folders in it; return where those were moved to."""
    moved: list[Path] = []
    with suppress(OSError):
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return moved
        for entry in list(os.scandir(path)):
            if entry.is_dir(follow_symlinks=False):
                moved.append(Path(entry.path).rename(beside / uuid.uuid4().hex))
            else:
                Path(entry.path).unlink()
        path.rmdir()
    return moved
