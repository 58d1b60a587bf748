"""Add an image's Debian packages to its list of components: `add_debian.py SBOM <PACKAGES`.

PACKAGES is what `dpkg-query` prints by sbom.sh's format. The list is CycloneDX, in JSON.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote


def components(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield a component for each package, named by its package URL."""
    for line in lines:
        name, version, architecture = line.split()
        url = f"pkg:deb/debian/{name}@{quote(version, safe='.-~')}?arch={architecture}"
        yield {
            "bom-ref": url,
            "name": name,
            "purl": url,
            "type": "library",
            "version": version,
        }


def main(path: Path) -> None:
    """Write the list anew, with the packages of standard input."""
    bom = json.loads(path.read_text())
    bom.setdefault("components", []).extend(components(sys.stdin))
    path.write_text(json.dumps(bom, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
