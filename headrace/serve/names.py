"""What workers are called, and at which path each of them is."""

from collections.abc import Sequence

from headrace.endpoint import Endpoint
from headrace.errors import SettingsError
from headrace.serve.service import Named


def named(workers: Sequence[str], kinds: Sequence[type]) -> list[Named]:
    """Return a name and an endpoint for each worker.

    A worker is called by its module's last name; those that have it in common, by all of theirs.

    One alone that declares no endpoint has none: it gets every path. Of several, one that declares
    none is at its module's last name.

    Args:
        workers: as they are named on the command line: `app.orders:handler`.
        kinds: their classes.

    Raises:
        SettingsError: two of them would be at the same path.
    """
    found = []
    last = [worker.partition(":")[0].rpartition(".")[2] for worker in workers]
    for worker, name, kind in zip(workers, last, kinds, strict=True):
        endpoint = getattr(kind, "endpoint", None)
        if not isinstance(endpoint, Endpoint):
            endpoint = None if len(workers) == 1 else _at(name)
        whole = worker.replace(":", ".")
        found.append(Named(name if last.count(name) == 1 else whole, endpoint, kind))
    paths = [one.endpoint.path for one in found if one.endpoint]
    if len(set(paths)) < len(paths):
        path = next(path for path in paths if paths.count(path) > 1)
        raise SettingsError(f"two workers are at the path {path}: each needs a process of its own")
    return found


def _at(name: str) -> Endpoint:
    try:
        return Endpoint(path=f"/{name}")
    except ValueError as error:
        raise SettingsError(str(error)) from None
