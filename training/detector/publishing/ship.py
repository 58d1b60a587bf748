"""A version of the model store as a folder that travels with the source tree.

    python -m training.detector.publishing.ship [FOLDER]

puts such a folder (by default the one that ships with this tree) into the model store. It needs no
TensorFlow: what is in the folder was trained before.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from headrace.errors import HeadraceError
from headrace.settings import read
from headrace.store.errors import StoreError
from headrace.store.manifest import MANIFEST, Description, Manifest
from headrace.store.publisher import Publisher
from headrace.store.settings import PublisherSettings
from headrace.store.version import Version
from models.detector.model import Detector

SHIPPED = Path("artifacts/detector")


def pack(files: Mapping[str, bytes | Path], description: Description, folder: Path) -> None:
    """Write a version into a folder, in place of what was there.

    Args:
        files: As in `Publisher.publish`.
        description: As there.
        folder: Where the manifest and the files go.
    """
    with tempfile.TemporaryDirectory(prefix="ship-") as private:
        version = Publisher(Path(private)).publish(files, description)
        shutil.rmtree(folder, ignore_errors=True)
        source = Path(private) / version.model / "versions" / version.name
        shutil.copytree(source, folder)


def install(folder: Path, publisher: Publisher) -> Version:
    """Publish a packed folder, under the name it had.

    Raises:
        StoreError: Its files are not those of its manifest, or the store cannot be written.
    """
    content = (folder / MANIFEST).read_bytes()
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise StoreError(f"{folder / MANIFEST}: {error}") from error
    description = Description(
        **{name: getattr(manifest, name) for name in Description.__struct_fields__}
    )
    files = {entry.path: folder / entry.path for entry in manifest.files}
    version = publisher.publish(files, description, alias=None)
    if version.manifest.files != manifest.files:
        raise StoreError(f"{folder}: the files are not those of {MANIFEST}")
    return publisher.point(version.model, version.name, load=Detector.load)


def main(arguments: Sequence[str] | None = None) -> int:
    """Install as the command line says; returns the exit status."""
    parser = argparse.ArgumentParser(prog="ship", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=SHIPPED)
    folder = parser.parse_args(arguments).folder
    try:
        version = install(folder, read(PublisherSettings).publisher())
    except (HeadraceError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write(f"{version.model} {version.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
