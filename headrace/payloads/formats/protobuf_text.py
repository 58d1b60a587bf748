"""Text of Protobuf files, compiled by the compiler that grpcio-tools brings."""

import base64
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from headrace.extras import needs
from headrace.payloads.schema import BadSchema, is_serialized

_SECONDS = 30
_LINE = 300
_LOG = re.compile(r"WARNING: All log messages|[IWEF][0-9]{4} ")


def serialized(name: str, text: str) -> FileDescriptorProto:
    """Return what base64 holds, as the file of this name."""
    file = FileDescriptorProto.FromString(base64.b64decode(text))
    file.name = name
    return file


def compiled(name: str, texts: Mapping[str, str]) -> FileDescriptorProto:
    """Return the descriptor of one file.

    The compiler runs in a process of its own, since it writes its errors to the standard error.

    Args:
        name: of the file.
        texts: this file and all that it imports, by their names; some may be serialized.

    Raises:
        BadSchema: the compiler refuses it; the message is the compiler's first line.
        HeadraceError: grpcio-tools is not installed.
    """
    try:
        import grpc_tools  # noqa: PLC0415 - to say what brings it, if it is not there
    except ModuleNotFoundError as error:
        raise needs("protoc", error) from None
    google = Path(grpc_tools.__file__).parent / "_proto"
    with tempfile.TemporaryDirectory(prefix="headrace-proto-") as folder:
        root, known, out = (Path(folder) / name for name in ("in", "known", "out"))
        known.write_bytes(_write(root, texts))
        done = subprocess.run(  # noqa: S603 - the names of files are checked
            [
                *(sys.executable, "-m", "grpc_tools.protoc", f"-I{root}", f"-I{google}"),
                *(f"--descriptor_set_in={known}", f"--descriptor_set_out={out}", str(root / name)),
            ],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode:
            line = _complaint(done.stderr).replace(f"{root}/", "")
            raise BadSchema(f"it is no Protobuf file: {line[:_LINE]}")
        (file,) = FileDescriptorSet.FromString(out.read_bytes()).file
    return file


def _complaint(said: str) -> str:
    """Return the compiler's first line that is no line of its log."""
    lines = [line for line in said.splitlines() if line and not _LOG.match(line)]
    return lines[0] if lines else "it cannot be compiled"


def _write(root: Path, texts: Mapping[str, str]) -> bytes:
    """Write what is text into a folder. Returns the set of those that are serialized."""
    known = FileDescriptorSet()
    for name, text in texts.items():
        path = root / name
        if name.startswith("/") or ".." in Path(name).parts:
            raise BadSchema(f"{name!r} is no name of a file")
        if is_serialized(text):
            known.file.append(serialized(name, text))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    serial: bytes = known.SerializeToString()
    return serial
