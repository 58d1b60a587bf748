"""The files of a version that a runtime takes, whoever published it."""

from importlib.util import find_spec

from headrace.runtimes.names import RuntimeName, runtime_for
from headrace.store.version import Version

_PACKAGES: dict[RuntimeName, str] = {
    "litert": "ai_edge_litert",
    "onnxruntime": "onnxruntime",
    "xgboost": "xgboost",
}


def graphs_of(version: Version) -> list[tuple[RuntimeName, str]]:
    """Return what of a version the installed runtimes take: runtime and path.

    JSON is left out: most of it is no model.
    """
    paths = [entry.path for entry in version.manifest.files if not entry.path.endswith(".json")]
    found = [(name, path) for path in paths if (name := runtime_for(path))]
    return [(name, path) for name, path in found if find_spec(_PACKAGES[name])]


def open_graphs(version: Version) -> None:
    """Open each of them, one after the other, and run it once on made-up inputs.

    Raises:
        VersionCorruptError: One is no file for its runtime.
    """
    from headrace.runtimes.base import open_runtime  # noqa: PLC0415 - NumPy
    from headrace.runtimes.exercise import exercise  # noqa: PLC0415

    for name, path in graphs_of(version):
        exercise(open_runtime(name, version, path))
