"""A URL as it may be shown, and which of them name one place."""

import pytest

from headrace.errors import SettingsError
from headrace.sinks.url import SinkUrl, shown


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("file:out.jsonl", "file:out.jsonl"),
        ("kafka://h:1,g:2/t", "kafka://h:1,g:2/t"),
        ("kafka://h/t?sasl.password=a b&x=", "kafka://h/t?sasl.password=***&x=***"),
        ("kafka://h/t?sasl.password=a?b=c", "kafka://h/t?sasl.password=***"),
        ("kafka://h/t?secret", "kafka://h/t?***"),
        ("https://user:pass@h/x", "https://***@h/x"),
        ("https://user:p@ss@h/x", "https://***@h/x"),
        ("https://user:p?ss@h/x?a=b", "https://***@h/x?a=***"),
        ("sqs://queue?endpoint=http://u:p@h", "sqs://queue?endpoint=***"),
        ("sqs://queue?region=eu-west-1#x", "sqs://queue?region=***"),
        ("kafka://h/t#p@ss?x", "kafka://h/t#***?***"),
        ("//user:pass@h/x", "//***@h/x"),
        ("postgres:user:pass@h/x", "postgres:***@h/x"),
        ("file:out@home:1", "file:out@home:1"),
    ],
)
def test_users_and_values_are_hidden(url, text):
    assert shown(url) == text


@pytest.mark.parametrize("url", ["kafka://h/t\nX", "kafka://h/t%0aX", "file:%00x", "file:\x1b[2J"])
def test_a_control_character_is_refused_and_not_shown(url):
    with pytest.raises(SettingsError, match="a control character") as caught:
        SinkUrl.parse(url)
    assert str(caught.value).isprintable()


def test_what_has_no_scheme_is_perhaps_a_file():
    with pytest.raises(SettingsError, match="for a file, write file:out"):
        SinkUrl.parse("out.jsonl")


@pytest.mark.parametrize("url", ["file:~/out", "file:~keeper/out", "sqlite:~/db?table=orders"])
def test_the_sign_of_a_home_folder_is_no_name_of_one(url):
    with pytest.raises(SettingsError, match="~ is no home folder here"):
        SinkUrl.parse(url)
    assert SinkUrl.parse("file:./~/out").path == "./~/out"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("file:letters", "file:./letters", True),
        ("file:letters", "file:folder/../letters", True),
        ("file:letters", "file:link", True),
        ("file:letters", "file:new", False),
        ("file:new", "file:./new", True),
        ("kafka://a,b/t", "kafka://b/t?linger.ms=5", True),
        ("kafka:///t", "kafka://c:9092/t", True),
        ("kafka://a/t", "kafka://c:9092/t", False),
        ("kafka://a/t", "kafka://a/u", False),
        ("sqs://orders", "sqs://orders?region=eu-west-1", True),
        ("sqs://orders", "kinesis://orders", False),
        ("sqs://orders", "sqs://123456789012/orders", True),
        ("sqs://210987654321/orders", "sqs://123456789012/orders", False),
        ("sqs://orders?region=eu-west-1", "sqs://orders?region=us-east-1", False),
        ("kinesis://orders?endpoint=http://a:1", "kinesis://orders?endpoint=http://b:1", False),
    ],
)
def test_one_place_may_have_several_names(one, other, same, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letters").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("letters")
    variables = {"HEADRACE_BOOTSTRAP_SERVERS": "c:9092"}
    parsed, against = SinkUrl.parse(one, variables), SinkUrl.parse(other, variables)

    assert parsed.is_same(against) == against.is_same(parsed) == same


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "x", "", "1e5", "1e300"])
def test_a_time_that_no_client_can_wait_for_is_refused(text):
    url = SinkUrl.parse(f"sqs://orders?timeout={text}", {})
    with pytest.raises(SettingsError, match="is not a positive number of seconds, at most 86400"):
        url.seconds("timeout", 30)


@pytest.mark.parametrize(
    "url",
    [
        "kafka://h/t?sasl.password=a&hush",
        "kafka://h/t?hush",
        "kafka://h/t#hush",
        "kafka://u:hush@h\u2100/t",
        "kafka://u:hush@[h/t",
        "postgres:u:hush@h/t",
        "//u:hush@h/t",
        "sqs://q?a=hush&a=hush",
    ],
)
def test_what_is_wrong_with_a_url_is_said_without_its_secrets(url):
    with pytest.raises(SettingsError) as refused:
        SinkUrl.parse(url, {})
    assert "hush" not in str(refused.value)
