"""Archives of strangers."""

import gzip
import io
import tarfile

import pytest

from training.detector.importing.archive import ArchiveError, unpack

MEGABYTE = 1 << 20


def member(name, content=b"data", kind=tarfile.REGTYPE, link="", **headers):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(content)
    info.pax_headers = headers
    return info, content


def archive(path, *members):
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return path


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "outer" / "target"
    folder.mkdir(parents=True)
    return folder


def everything(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_files_and_folders_come_out(tmp_path, target):
    packed = archive(
        tmp_path / "a.tar.gz",
        member("./", b"", tarfile.DIRTYPE),
        member("./variables", b"", tarfile.DIRTYPE),
        member("./variables/data", b"x" * 200_000),
        member("saved_model.pb", b"graph"),
        member("assets/deep/labels.txt", b""),
    )
    unpack(packed, target, max_bytes=MEGABYTE)
    assert (target / "variables" / "data").read_bytes() == b"x" * 200_000
    assert (target / "saved_model.pb").read_bytes() == b"graph"
    assert (target / "assets" / "deep" / "labels.txt").read_bytes() == b""


HOSTILE = {
    "absolute": [member("/tmp/evil")],
    "climbs": [member("../evil")],
    "climbs from below": [member("a/../../evil")],
    "backslashes": [member("..\\evil")],
    "symbolic link": [member("link", b"", tarfile.SYMTYPE, "../..")],
    "link to write through": [member("d", b"", tarfile.SYMTYPE, ".."), member("d/evil")],
    "hard link": [member("hard", b"", tarfile.LNKTYPE, "/etc/passwd")],
    "character device": [member("null", b"", tarfile.CHRTYPE)],
    "block device": [member("disk", b"", tarfile.BLKTYPE)],
    "pipe": [member("pipe", b"", tarfile.FIFOTYPE)],
    "folders without end": [member("a/" * 2000 + "b")],
    "unknown kind": [member("what", b"", b"Z")],
    "comes twice": [member("a", b"one"), member("a", b"two")],
    "file that is a folder": [member("a", b"one"), member("a/b", b"two")],
    "folder that is a file": [member("a/b", b"one"), member("a", b"two")],
    "absolute by extended header": [member("fine", path="/tmp/evil")],
    "link by extended header": [member("x", b"", tarfile.SYMTYPE, "y", linkpath="/etc")],
    "no name": [member("", b"data")],
    "name too long": [member("n" * 5000)],
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_reaches_outside_or_is_no_plain_file_is_refused(tmp_path, target, members):
    packed = archive(tmp_path / "a.tar.gz", *members)
    before = everything(tmp_path)
    with pytest.raises(ArchiveError):
        unpack(packed, target, max_bytes=MEGABYTE)
    inside = {f"outer/target/{path}" for path in everything(target)}
    assert set(everything(tmp_path)) - inside == set(before)
    assert not any(path.is_symlink() for path in target.rglob("*"))


def test_the_member_is_named(tmp_path, target):
    packed = archive(tmp_path / "a.tar.gz", member("fine"), member("../evil"))
    with pytest.raises(ArchiveError, match=r"leads out of the archive: '\.\./evil'"):
        unpack(packed, target, max_bytes=MEGABYTE)


def test_a_bomb_ends_at_the_limit(tmp_path, target):
    packed = archive(tmp_path / "a.tar.gz", member("zeros", bytes(20 * MEGABYTE)))
    assert packed.stat().st_size < MEGABYTE // 8
    with pytest.raises(ArchiveError, match="more than the 1048576 bytes"):
        unpack(packed, target, max_bytes=MEGABYTE)
    assert sum(path.stat().st_size for path in target.rglob("*")) <= MEGABYTE


def test_a_bomb_of_headers_ends_at_the_limit(tmp_path, target):
    packed = archive(tmp_path / "a.tar.gz", member("a", comment="x" * 4 * MEGABYTE))
    with pytest.raises(ArchiveError, match="more than the 1048576 bytes"):
        unpack(packed, target, max_bytes=MEGABYTE)


def test_a_bomb_after_the_end_is_found(tmp_path, target):
    packed = archive(tmp_path / "a.tar.gz", member("a"))
    packed.write_bytes(packed.read_bytes() + gzip.compress(bytes(4 * MEGABYTE)))
    with pytest.raises(ArchiveError, match="more than the 1048576 bytes"):
        unpack(packed, target, max_bytes=MEGABYTE)


def test_too_many_members(tmp_path, target):
    packed = archive(tmp_path / "a.tar.gz", *(member(f"f{index}", b"") for index in range(12)))
    with pytest.raises(ArchiveError, match="more than the 10 members"):
        unpack(packed, target, max_bytes=MEGABYTE, max_members=10)


def test_a_size_in_the_header_is_not_believed(tmp_path, target):
    info, content = member("huge", b"")
    info.size = 1 << 40
    raw = io.BytesIO()
    raw.write(info.tobuf(tarfile.GNU_FORMAT) + content)
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(raw.getvalue()))
    with pytest.raises(ArchiveError):
        unpack(path, target, max_bytes=MEGABYTE)


@pytest.mark.parametrize(
    "headers",
    [
        {"GNU.sparse.map": "0,x"},
        {"GNU.sparse.size": "much"},
        {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
    ],
)
def test_a_sparse_file_whose_numbers_are_none_is_refused(tmp_path, target, headers):
    packed = archive(tmp_path / "a.tar.gz", member("a", **headers))
    with pytest.raises(ArchiveError, match="not a sound"):
        unpack(packed, target, max_bytes=MEGABYTE)


def test_damage_is_found(tmp_path, target):
    whole = archive(tmp_path / "a.tar.gz", member("a", b"x" * 5000)).read_bytes()
    corrupt = bytearray(whole)
    corrupt[-6] ^= 0xFF  # the checksum
    for name, data in {
        "cut": whole[: len(whole) // 2],
        "end missing": whole[:-4],
        "checksum": bytes(corrupt),
        "text": b"<html>not found</html>",
        "empty": b"",
        "gzip of text": gzip.compress(b"hello"),
    }.items():
        (tmp_path / name).write_bytes(data)
        folder = target / name
        folder.mkdir()
        with pytest.raises(ArchiveError):
            unpack(tmp_path / name, folder, max_bytes=MEGABYTE)
