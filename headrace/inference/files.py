"""The files of a version to be, and which of them a runtime loads."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from headrace.runtimes.names import RuntimeName, runtime_for, suffixes_of
from headrace.store.errors import PublishError

Files = dict[str, bytes | Path]

_SAVED_MODEL = "saved_model.pb"


def gather(paths: Sequence[Path]) -> Files:
    """Return files by the path that they get inside a version; of a folder, all that is in it.

    Raises:
        PublishError: Something is neither a file nor a folder, or a name comes twice.
    """
    found: Files = {}
    for path in paths:
        if path.is_dir():
            inside = {
                f"{path.resolve().name}/{file.relative_to(path).as_posix()}": file
                for file in sorted(path.rglob("*"))
                if not file.is_dir()
            }
        elif path.is_file():
            inside = {path.name: path}
        else:
            is_there = path.exists()
            raise PublishError(f"{path}: {'not a plain file' if is_there else 'no such file'}")
        if twice := found.keys() & inside.keys():
            raise PublishError(f"{min(twice)} comes twice")
        found |= inside
    return found


def choose(files: Mapping[str, object], asked: RuntimeName | None) -> tuple[RuntimeName, str]:
    """Say which runtime serves, and which of the files it loads.

    Raises:
        PublishError: None does, or several could; says what to do.
    """
    if asked == "tensorflow":
        folders = [str(PurePosixPath(path).parent) for path in files if path.endswith(_SAVED_MODEL)]
        if len(folders) != 1:
            raise PublishError(f"{len(folders)} folders with a {_SAVED_MODEL}, one is needed")
        return asked, folders[0]
    fits = [(name, path) for path in sorted(files) if (name := runtime_for(path))]
    fits = [pair for pair in fits if asked in (None, pair[0])]
    # JSON may be anything: it is the model only if nothing else can be.
    chosen = [pair for pair in fits if not pair[1].endswith(".json")] or fits
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        raise PublishError(f"several files could be the model: {', '.join(p for _, p in chosen)}")
    if any(path.endswith(_SAVED_MODEL) for path in files):
        raise PublishError(
            "a SavedModel is served by TensorFlow, which takes seconds to start: convert it to"
            " ONNX (tf2onnx) or TFLite, or ask for it with --runtime tensorflow"
        )
    if asked:
        raise PublishError(f"no file that {asked} takes: {' or '.join(suffixes_of(asked))}")
    raise PublishError(
        "no file that a runtime takes: .onnx, .tflite, .ubj or .json (XGBoost), or a SavedModel's"
        " folder with --runtime tensorflow"
    )
