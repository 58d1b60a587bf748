"""buildah and podman without a daemon, a registry or a trace outside of var/images."""

import fcntl
import hashlib
import os
import random
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
STATE = ROOT / "var" / "images"
BASE = "localhost/headrace-base"

_TOOLS = ("podman", "buildah", "runc", "mmdebstrap")
_PACKAGES = "python3,python3-pip,python3-venv,ca-certificates"
_SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
_EMULATOR = "samcli/local/rapid/aws-lambda-rie-x86_64"

# Now and then, the kernel does not let buildah seal the copy of itself that it goes on with.
_BUSY = "sealing memfd copy: Device or resource busy"
_TRIES = 3

# The default limits of podman are above what a container may set in another container.
_CONTAINERS_CONF = """\
[containers]
default_ulimits = ["nofile=16384:16384", "nproc=16384:16384"]
netns = "host"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
_STORAGE_CONF = """\
[storage]
driver = "overlay"
graphroot = "{state}/storage"
runroot = "{state}/run"
"""


def missing_tools() -> list[str]:
    """What is not installed of all that building and running takes."""
    return [tool for tool in _TOOLS if shutil.which(tool) is None]


class Podman:
    """The tools, set up once: their configuration, the base image, the emulator."""

    def __init__(self) -> None:
        if missing := missing_tools():
            pytest.skip(f"images are not built here: {', '.join(missing)} not installed")
        STATE.mkdir(parents=True, exist_ok=True)
        self.environ = {
            **os.environ,
            "CONTAINERS_CONF": str(STATE / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(STATE / "storage.conf"),
            "BUILDAH_RUNTIME": "runc",
        }
        with _alone("setup"):
            _write("containers.conf", _CONTAINERS_CONF)
            _write("storage.conf", _STORAGE_CONF.format(state=STATE))
            self.base = self._base()
            self.emulator = self._emulator()

    def __call__(self, *arguments: str, check: bool = True, timeout: float = 300) -> str:
        """What a podman command prints. With `check`, raises if it fails."""
        # It leaves a file where it was started if a container exceeds its memory.
        done = self._run(["podman", *arguments], check=check, timeout=timeout, cwd=STATE)
        return done.stdout + done.stderr if arguments[0] == "logs" else done.stdout

    def build(self, *names: str) -> None:
        """Build images by docker/build.sh; layers that did not change are not built again.

        Processes that need the same images build different ones first, and find each other's.
        """
        environ = {"BUILD": self.builder(), "BASE_IMAGE": self.base}
        for name in random.sample(names, len(names)):
            with _alone(name):
                self._run(["docker/build.sh", name], environ=environ, timeout=1800)
        self("image", "prune", "--force", "--filter", "until=24h")  # layers that nothing needs

    def build_file(self, dockerfile: str, name: str) -> None:
        """Build an image from a Dockerfile that is none of the four."""
        command = shlex.split(self.builder())
        base = f"BASE_IMAGE={self.base}"
        options = ["--build-arg", base, "--file", dockerfile, "--tag", f"headrace-{name}", "."]
        self._run([*command, *options], timeout=1800)

    def build_project(self, folder: Path, name: str, wheels: Path) -> None:
        """Build the image of a project elsewhere, which finds packages in a folder, too."""
        (folder / "pip.conf").write_text("[global]\nfind-links = /wheels\n")
        mounts = (f"{wheels}:/wheels:ro", f"{folder}/pip.conf:/root/.pip/pip.conf:ro")
        options = [option for mount in mounts for option in ("--volume", mount)]
        options += ["--build-arg", f"BASE_IMAGE={self.base}", "--tag", f"headrace-{name}"]
        dockerfile = ["--file", str(folder / "docker/Dockerfile"), str(folder)]
        # Such a project is built once: its layers would only fill the disk.
        command = [word for word in shlex.split(self.builder()) if word != "--layers"]
        self._run([*command, *options, *dockerfile], timeout=1800)

    def builder(self) -> str:
        """The command that builds, with this machine's certificates and package index."""
        mounts = [
            option
            for path in ("/etc/ssl/certs", "/etc/pip.conf")
            if Path(path).exists()
            for option in ("--volume", f"{path}:{path}:ro")
        ]
        command = ["nice", "buildah", "build", "--quiet", "--layers", "--isolation", "chroot"]
        return shlex.join([*command, "--network", "host", *mounts])

    def _base(self) -> str:
        """A Debian with Python, as a registry would give one."""
        release = dict(
            line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if line
        )
        suite = release["VERSION_CODENAME"].strip('"')
        tag = hashlib.sha256(f"{suite} {_PACKAGES}".encode()).hexdigest()[:12]
        image, archive = f"{BASE}:{tag}", STATE / f"base-{tag}.tar"
        if not archive.exists():
            new = archive.with_suffix(".new.tar")
            hook = 'rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED'
            options = ["--variant=minbase", f"--include={_PACKAGES}", f"--customize-hook={hook}"]
            sources = [str(_SOURCES)] if _SOURCES.exists() else []
            self._run(["nice", "mmdebstrap", *options, suite, str(new), *sources], timeout=900)
            new.rename(archive)
        if self._run(["podman", "image", "exists", image], check=False).returncode:
            self._run(["podman", "import", "--quiet", str(archive), image])
        return image

    def _emulator(self) -> Path:
        """The runtime interface emulator, out of the package that brings it."""
        path = STATE / "aws-lambda-rie"
        if not path.exists():
            folder = STATE / "wheel"
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            self._run([*pip, "--dest", str(folder), "aws-sam-cli"])
            (wheel,) = folder.glob("aws_sam_cli-*.whl")
            content = zipfile.ZipFile(wheel).read(_EMULATOR)
            path.write_bytes(content)
            path.chmod(0o755)
        return path

    def _run(
        self,
        command: list[str],
        *,
        environ: dict[str, str] | None = None,
        check: bool = True,
        timeout: float = 300,
        cwd: Path = ROOT,
    ) -> subprocess.CompletedProcess[str]:
        for _ in range(_TRIES):
            done = subprocess.run(
                command,
                cwd=cwd,
                env=self.environ | (environ or {}),
                capture_output=True,
                text=True,
                timeout=timeout,
            )
            if _BUSY not in done.stderr:
                break
        if check and done.returncode:
            raise RuntimeError(
                f"{shlex.join(command)}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
            )
        return done


@contextmanager
def _alone(what: str) -> Iterator[None]:
    """Do something that another process may be at, after it or before it."""
    with (STATE / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(name: str, text: str) -> None:
    """Leave a file alone that is as it should be: another process may be reading it."""
    path = STATE / name
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
