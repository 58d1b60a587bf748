"""Take pip and its kin out of the base image: what serves installs nothing."""

import importlib.util
import shutil
import sysconfig
from pathlib import Path

PACKAGES = ("ensurepip", "pip", "pkg_resources", "setuptools", "wheel")
WHEELS = "/usr/share/python-wheels"  # where Debian keeps what `ensurepip` installs


def main() -> None:
    """Delete the packages, their descriptions and their commands, wherever this Python has them."""
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            shutil.rmtree(folder)
            for about in Path(folder).parent.glob(f"{name}-*"):
                shutil.rmtree(about)
    for folder in {sysconfig.get_path("scripts"), "/usr/bin"}:
        for command in (*Path(folder).glob("pip*"), *Path(folder).glob("wheel*")):
            command.unlink()
    shutil.rmtree(WHEELS, ignore_errors=True)


if __name__ == "__main__":
    main()
