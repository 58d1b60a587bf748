"""The detector of real objects that `make train` publishes: an SSD MobileNetV2 of Open Images.

Google publishes it inside an npm package, which any machine with npm can fetch. Size and digest of
the package, of the file in it and of the model are checked, so nothing but this detector is
imported. Without npm, the detector of handwritten digits is trained in its place.
"""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from functools import partial
from pathlib import Path

import msgspec

from headrace.errors import HeadraceError
from training.detector.importing.imported import Imported
from training.detector.importing.labels import parse_labels
from training.detector.importing.raw_options import RawOptions

PACKAGE = "@mediapipe/objectron@0.4.1675468480"
LICENCE = "Apache-2.0"

_SECONDS = 300
_MEMBER = "package/objectron_solution_packed_assets.data"
_LABEL_BYTES = 184  # a list of 24 lines stands before the model


class PackageError(HeadraceError):
    """The package cannot be fetched, or is not the one that is expected."""


class Expected(msgspec.Struct, frozen=True):
    """Bytes that are known beforehand."""

    what: str
    size: int
    sha256: str

    def check(self, data: bytes) -> bytes:
        """Return the bytes. Raises PackageError if they are others."""
        digest = hashlib.sha256(data).hexdigest()
        if (len(data), digest) != (self.size, self.sha256):
            raise PackageError(
                f"{self.what} has {len(data)} bytes and sha256 {digest}, expected {self.size} bytes"
                f" and {self.sha256}"
            )
        return data


TARBALL = Expected(
    f"the package {PACKAGE}",
    32_667_233,
    "fc3e37b326b05e8f596099c90b3e0931b05a56cd3160b9ac450b621794bac94c",
)
ASSETS = Expected(
    _MEMBER, 9_987_912, "470986ca5df183f41698da6de74b027d838fe289d77b5ab094497d350bee664e"
)
MODEL = Expected(
    "the model", 9_987_728, "d0a5255bf8c4f5a0bc4240741a76c41d5e939f7655078f945f50ab53a9375da6"
)


def npm() -> str | None:
    """Find the npm of this machine; None if it has none."""
    return shutil.which("npm")


def fetch() -> bytes:
    """Fetch the package by npm. Raises PackageError."""
    program = npm()
    if program is None:
        raise PackageError(f"npm is not installed: it fetches {PACKAGE}")
    with tempfile.TemporaryDirectory(prefix="npm-") as folder:
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and a fixed package
                [program, "pack", "--loglevel=error", PACKAGE],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise PackageError(f"{PACKAGE}: npm took more than {_SECONDS} s") from None
        found = list(Path(folder).glob("*.tgz"))
        if done.returncode or len(found) != 1:
            raise PackageError(f"{PACKAGE}: {_reason(done.stderr)}")
        return found[0].read_bytes()


def _reason(said: str) -> str:
    """Return what tells most in what npm said: a code comes first, a trace and advice behind."""
    lines = said.strip().splitlines() or ["npm pack failed"]
    return next((line for line in lines if "reason:" in line), lines[0])


def unpack(tarball: bytes) -> tuple[bytes, str]:
    """Return the model and the list of its class names. Raises PackageError."""
    TARBALL.check(tarball)
    with tempfile.TemporaryFile() as file:
        file.write(tarball)
        file.seek(0)
        with tarfile.open(fileobj=file, mode="r:gz") as tar:
            member = tar.extractfile(_MEMBER)
            assets = ASSETS.check(member.read() if member else b"")
    return MODEL.check(assets[_LABEL_BYTES:]), assets[:_LABEL_BYTES].decode()


def import_package(tarball: bytes) -> Imported:
    """Import the detector from the package's bytes. Raises PackageError or ContractError."""
    from training.detector.importing.tflite import import_tflite  # noqa: PLC0415 - LiteRT is slow

    model, labels = unpack(tarball)
    imported = import_tflite(model, partial(parse_labels, labels), RawOptions())
    notes = {"package": PACKAGE, "licence": LICENCE}
    return msgspec.structs.replace(imported, notes=notes)
