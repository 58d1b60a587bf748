"""A server that starts again takes the classes that the one before it has loaded and kept."""

import pytest

from headrace.testing.brokers import elasticmq, jars
from headrace.testing.brokers.class_archive import ClassArchive


@pytest.fixture
def libraries(tmp_path):
    folder = tmp_path / "cache" / "1.0"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def archive(libraries, tmp_path):
    return ClassArchive(libraries, "17.0.15", tmp_path)


def test_the_first_that_keeps_it_writes_it(archive, tmp_path):
    assert f"-XX:ArchiveClassesAtExit={tmp_path}/classes.jsa" in archive.options(writes=True)
    assert archive.options(writes=False) == []


def test_what_was_written_is_read_from_then_on(archive, libraries, tmp_path):
    (tmp_path / "classes.jsa").write_bytes(b"classes")
    archive.keep()
    kept = libraries.with_name("1.0-java-17.0.15.jsa")
    assert kept.read_bytes() == b"classes"
    for writes in (True, False):
        assert archive.options(writes=writes) == [f"-XX:SharedArchiveFile={kept}"]
    assert [path.name for path in libraries.parent.iterdir() if path.is_file()] == [kept.name]


def test_another_java_has_its_own(archive, libraries, tmp_path):
    (tmp_path / "classes.jsa").write_bytes(b"classes")
    archive.keep()
    assert ClassArchive(libraries, "21", tmp_path).options(writes=False) == []


def test_a_server_that_was_killed_keeps_nothing(archive, libraries):
    archive.keep()
    assert list(libraries.parent.iterdir()) == [libraries]


@pytest.mark.kinesis
@pytest.mark.slow(seconds=5)
def test_java_takes_it(elasticmq: str, tmp_path, monkeypatch):
    """The jars are there: the fixture's server runs from them."""
    real = jars.cache() / "elasticmq"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "headrace" / "elasticmq").mkdir(parents=True)
    for jar_folder in filter(lambda path: path.is_dir(), real.iterdir()):
        (tmp_path / "headrace" / "elasticmq" / jar_folder.name).symlink_to(jar_folder)
    assert from_the_archive(tmp_path) == 0
    assert from_the_archive(tmp_path) > 500


def from_the_archive(folder):
    """Run a server, and count the classes of its library that did not come from the jars."""
    log = folder / "loaded"
    options = (*jars.QUICK_JVM, f"-Xlog:class+load:file={log}")
    with elasticmq.ElasticMq(folder, jvm=options):
        pass
    lines = log.read_text().splitlines()
    return sum("scala." in line and line.endswith("(top)") for line in lines)
