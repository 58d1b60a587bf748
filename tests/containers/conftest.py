"""The images, built once a session from the Dockerfile."""

import os
from pathlib import Path

import pytest

from tests.support.containers.podman import Podman


@pytest.fixture(scope="session")
def podman() -> Podman:
    """The tools; the tests that ask for them are skipped where they are not installed."""
    return Podman()


@pytest.fixture(scope="session")
def images(podman: Podman) -> Podman:
    """The tools, with the three serving images built from this tree."""
    podman.build("stream", "classifier", "detector")
    return podman


@pytest.fixture(scope="session")
def training_image(podman: Podman) -> Podman:
    """The tools, with the training image built from this tree."""
    podman.build("training")
    return podman


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder that a container's user may read and write, as a mounted file system would be."""
    folder = tmp_path / "models"
    folder.mkdir()
    if os.getuid() == 0:
        os.chown(folder, 10001, 10001)
    return folder
