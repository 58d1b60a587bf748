"""What becomes of a package that npm does not bring."""

import pytest

from training.detector.importing import open_images
from training.detector.importing.open_images import PackageError

REFUSED = """\
npm error code ECONNREFUSED
npm error FetchError: request to http://h failed, reason: connect ECONNREFUSED
npm error A complete log of this run can be found in: /tmp/a.log
"""


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (f"cat >&2 <<'END'\n{REFUSED}END\nexit 1", "reason: connect ECONNREFUSED"),
        ("echo 'npm error code ETARGET' >&2; exit 1", "npm error code ETARGET"),
        ("exit 1", "npm pack failed"),
        ("true", "npm pack failed"),
        ("exec sleep 9", "npm took more than 0.1 s"),
    ],
)
def test_the_reason_is_told(tmp_path, monkeypatch, script, told):
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(0o755)
    monkeypatch.setattr(open_images, "npm", lambda: str(npm))
    monkeypatch.setattr(open_images, "_SECONDS", 0.1 if "sleep" in script else 60)
    with pytest.raises(PackageError) as error:
        open_images.fetch()
    assert str(error.value).endswith(told)
