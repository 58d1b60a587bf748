"""Which URLs are accepted, and how they are shown; those refused are in test_hostile.py."""

import pytest

from headrace.images import ImageError, ImageSettings
from headrace.images.url import loggable, parse
from headrace.settings import read


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "netloc"),
    [
        ("https://example.com", "example.com", 443, "/", "example.com"),
        ("HTTPS://Example.COM:443/A", "example.com", 443, "/A", "example.com"),
        ("https://example.com:80/a", "example.com", 80, "/a", "example.com:80"),
        ("https://example.com:/a", "example.com", 443, "/a", "example.com"),
        ("https://example.com?a=b", "example.com", 443, "/?a=b", "example.com"),
        ("https://example.com/a?b=c?d#e", "example.com", 443, "/a?b=c?d", "example.com"),
        ("https://example.com/a@b:c", "example.com", 443, "/a@b:c", "example.com"),
        ("https://example.com/%20%2F", "example.com", 443, "/%20%2F", "example.com"),
        (
            "https://example.com/\u00e9?\u20ac",
            "example.com",
            443,
            "/%C3%A9?%E2%82%AC",
            "example.com",
        ),
        (
            "https://xn--bcher-kva.example/",
            "xn--bcher-kva.example",
            443,
            "/",
            "xn--bcher-kva.example",
        ),
        (
            "https://my_bucket.s3.amazonaws.com/",
            "my_bucket.s3.amazonaws.com",
            443,
            "/",
            "my_bucket.s3.amazonaws.com",
        ),
        ("https://93.184.216.34/", "93.184.216.34", 443, "/", "93.184.216.34"),
        ("https://[2606:4700:0::1111]/", "2606:4700::1111", 443, "/", "[2606:4700::1111]"),
        ("https://3com.example/", "3com.example", 443, "/", "3com.example"),
    ],
)
def test_url_is_read(url: str, host: str, port: int, path: str, netloc: str):
    target = parse(url, ImageSettings())

    assert (target.host, target.port, target.path, target.netloc) == (host, port, path, netloc)
    assert not target.listed


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("media.internal:8080", "http://MEDIA.internal:8080/a"),
        ("Media.Internal:80", "http://media.internal/a"),
        ("media.internal:443", "https://media.internal/a"),
        ("[fd00::1]:8080", "http://[fd00:0::1]:8080/a"),
        ("10.0.0.1:80", "http://10.0.0.1/a"),
        ("[0:0:0:0:0:0:0:1]:8080", "http://[::1]:8080/a"),
        ("[FD00::0:1]:8080", "http://[fd00::1]:8080/a"),
        ("media.internal:00080", "http://media.internal/a"),
    ],
)
def test_listed_host_may_be_anything(entry: str, url: str):
    assert parse(url, ImageSettings(image_allow_hosts=(entry,))).listed


@pytest.mark.parametrize(
    "url",
    [
        "http://a.media.internal:8080/",
        "http://media.internal:8081/",
        "http://a@media.internal:8080/",
    ],
)
def test_listing_allows_one_host_and_port_only(url: str):
    with pytest.raises(ImageError):
        parse(url, ImageSettings(image_allow_hosts=("media.internal:8080",)))


@pytest.mark.parametrize(
    "entry",
    [
        *("media.internal", "http://a:80", "a:80/", ":80", "a b:80", ""),
        *("internal:99999", "internal:0", "internal:-1", "internal:http", "a:80:80"),
        *("127.1:80", "010.0.0.1:80", "0x7f.0.0.1:80", "256.0.0.1:80", "2130706433:80"),
        *("[::1:80", "[::1%eth0]:80", "[127.0.0.1]:80", "::1:80"),
        *("a..b:80", "a.:80", "-a:80", "*.internal:80", "user@a:80", "m\u00fcnchen:80"),
    ],
)
def test_listing_that_is_not_host_and_port_is_refused(entry: str):
    with pytest.raises(ValueError, match="HEADRACE_IMAGE_ALLOW_HOSTS"):
        ImageSettings(image_allow_hosts=(entry,))


def test_settings_come_from_the_environment():
    settings = read(
        ImageSettings,
        {
            "HEADRACE_IMAGE_ALLOW_HOSTS": "a:80,b:443",
            "HEADRACE_IMAGE_ALLOW_S3": "true",
            "HEADRACE_IMAGE_MAX_BYTES": "5",
        },
    )

    assert settings.image_allow_hosts == ("a:80", "b:443")
    assert settings.image_allow_s3
    assert not settings.image_allow_http
    assert settings.image_max_bytes == 5


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com/a?signature=s", "https://example.com/a"),
        ("https://example.com/a#token", "https://example.com/a"),
        ("https://user:password@example.com/a", "https://example.com/a"),
        ("https://a@b@example.com/a@b", "https://example.com/a@b"),
        ("data:image/png;base64,c2VjcmV0", "data:"),
        ("DATA:secret", "data:"),
        ("s3://bucket/key", "s3://bucket/key"),
        ("https://a/\r\nforged: line\x1b[0m", "https://a/forged: line[0m"),
        ("https://a/" + "b" * 500, "https://a/" + "b" * 190),
    ],
)
def test_shown_url_holds_no_secret(url: str, shown: str):
    assert loggable(url) == shown
