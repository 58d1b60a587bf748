"""Images by data URL and from S3."""

import base64
import time

import boto3
import pytest
from moto import mock_aws

from headrace.images import ImageError, ImageLoader, ImageSettings
from tests.support.images.server import OK, ImageServer, answer, forever

DATA = bytes(range(256))


def _data_loader(**settings: float) -> ImageLoader:
    return ImageLoader(ImageSettings(image_allow_data=True, **settings))


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64," + base64.b64encode(DATA).decode(),
        "DATA:;BASE64," + base64.b64encode(DATA).decode(),
        "data:;base64," + base64.b64encode(DATA).decode().replace("+", "%2B").replace("/", "%2F"),
        "data:application/octet-stream," + "".join(f"%{byte:02x}" for byte in DATA),
    ],
)
def test_data_url_is_decoded(url: str):
    assert _data_loader(image_max_bytes=256).fetch(url) == DATA


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("data:image/png;base64", "url"),
        ("data:;base64,secret*", "url"),
        ("data:;base64,abc", "url"),
        ("data:;base64,\u00e9\u00e9", "url"),
        ("data:," + "a" * 256, "size"),
        ("data:;base64," + "A" * 344, "size"),
        ("data:," + "a" * 1000, "size"),
    ],
)
def test_data_url_is_refused(url: str, kind: str):
    with pytest.raises(ImageError) as caught:
        _data_loader(image_max_bytes=255).fetch(url)

    assert caught.value.kind == kind
    assert "secret" not in str(caught.value)


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


@pytest.fixture
def bucket(credentials: None):
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(
            Bucket="pictures", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        client.put_object(Bucket="pictures", Key="a/b c?d%20.png", Body=DATA)
        yield client


def _s3_loader(**settings: float) -> ImageLoader:
    return ImageLoader(ImageSettings(image_allow_s3=True, **settings))


def test_object_is_read(bucket: object):
    assert _s3_loader(image_max_bytes=256).fetch("s3://pictures/a/b c?d%20.png") == DATA


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("s3://pictures/a/b c?d%20.png", "size"),
        ("s3://pictures/other.png", "missing"),
        ("s3://no-such-bucket/a.png", "status"),
        ("s3://pictures", "url"),
        ("s3://pictures/", "url"),
        ("s3:///a.png", "url"),
        ("s3://arn:aws:s3:eu-central-1:1:accesspoint/a/b", "url"),
        ("s3://user@pictures/a.png", "url"),
        ("s3:pictures/a.png", "url"),
    ],
)
def test_object_is_refused(bucket: object, url: str, kind: str):
    with pytest.raises(ImageError) as caught:
        _s3_loader(image_max_bytes=255).fetch(url)

    assert caught.value.kind == kind
    assert not caught.value.transient


def test_s3_ignores_proxies_of_the_environment(credentials: None, monkeypatch: pytest.MonkeyPatch):
    with ImageServer({"/pictures/a.png": answer(DATA)}) as server, ImageServer() as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url(""))
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        assert _s3_loader().fetch("s3://pictures/a.png") == DATA

    assert proxy.requests == []


def test_object_that_drips_is_cut_at_the_deadline(
    credentials: None, monkeypatch: pytest.MonkeyPatch
):
    drip = forever(b"x", OK + b"Content-Length: 9999\r\n\r\n", every=0.05)
    with ImageServer({"/pictures/a.png": drip, "/pictures/b.png": answer(DATA)}) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url(""))
        loader = _s3_loader(image_deadline_seconds=3.0)
        loader.fetch("s3://pictures/b.png")  # makes the client
        start = time.monotonic()
        with pytest.raises(ImageError) as caught:
            loader.fetch("s3://pictures/a.png")

    assert caught.value.kind == "timeout"
    assert 3.0 <= time.monotonic() - start < 3.6


def test_s3_without_permissions_is_told(monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")

    with pytest.raises(ImageError) as caught:
        _s3_loader().fetch("s3://pictures/a.png")

    assert caught.value.kind == "connect"


@pytest.mark.parametrize(
    ("status", "code", "transient"),
    [
        (400, "ExpiredToken", True),
        (403, "InvalidAccessKeyId", True),
        (403, "RequestTimeTooSkewed", True),
        (503, "SlowDown", True),
        (403, "AccessDenied", False),
        (403, "InvalidObjectState", False),
    ],
)
def test_only_what_is_wrong_with_the_object_is_for_good(
    status: int,
    code: str,
    transient: bool,
    credentials: None,
    monkeypatch: pytest.MonkeyPatch,
):
    """Else all that is uploaded while a token is expired would be rejected."""
    body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
    with ImageServer({"/pictures/a.png": answer(body, f"{status} No")}) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url(""))
        with pytest.raises(ImageError) as caught:
            _s3_loader().fetch("s3://pictures/a.png")

    assert caught.value.transient == transient
    assert str(status) in str(caught.value) or code in str(caught.value)
