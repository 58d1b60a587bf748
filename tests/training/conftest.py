"""What the tests of the training build share."""

import pytest

from headrace.store.publisher import Publisher
from headrace.store.signing import SigningKey
from tests.support.containers.buildspec import Build, run, tool


@pytest.fixture
def key():
    """The key that signs."""
    return SigningKey.generate()


@pytest.fixture
def store(tmp_path, key):
    """The mounted file system's store."""
    (tmp_path / "models").mkdir()
    return Publisher(tmp_path / "models", key.verify_key(), key)


@pytest.fixture
def build(tmp_path, store, key):
    """Runs the build here, without containers, tests or detector unless the test says other."""

    def start(**variables: str) -> Build:
        here = {
            "HEADRACE_MODEL_ROOT": str(store.root),
            "REPORTS": str(tmp_path / "reports"),
            "HEADRACE_MODEL_SIGNING_KEY": key.pem(),
            "HEADRACE_MODEL_VERIFY_KEY": key.verify_key().text(),
            "RUN": "",
            "TESTS": "",
            "DETECTOR_PRESET": "none",
        }
        return run(here | variables, tmp_path / "tools")

    return start


@pytest.fixture
def shim(tmp_path):
    """Stands for the training image: `shim("training", "exit 3")` replaces what is run there.

    By its program, `training`, or by its subcommand of headrace, `invoke`.
    """
    commands = tmp_path / "commands"
    commands.mkdir()

    def replace(command: str, script: str) -> str:
        tool(commands, command, script)
        lookup = (
            f'for word in "$3" "$4"; do'
            f' [ -x "{commands}/$word" ] && exec "{commands}/$word" "$@"; done; exec "$@"'
        )
        return str(tool(tmp_path / "tools", "in-image", lookup))

    return replace
