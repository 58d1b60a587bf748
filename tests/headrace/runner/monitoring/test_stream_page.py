"""What a run tells people over HTTP, and what it lets them write."""

import json
import urllib.error
import urllib.request

import pytest

from headrace.errors import HeadraceError, SettingsError
from headrace.log import logger
from headrace.runner.monitoring import health
from headrace.runner.monitoring.serving import Shown
from headrace.runner.monitoring.serving import serve as open_serving
from headrace.runner.monitoring.stats import Counts, PartitionStatus, Stats
from headrace.runner.monitoring.stream_page import stream_routes
from headrace.runner.settings import MappingSettings

KEY = "a key of many letters"


class Alive:
    def live(self):
        return True

    ready = live


@pytest.fixture
def stats():
    return Stats()


@pytest.fixture
def serve(stats):
    """Serves the page of a run; returns what asks it."""
    opened = []

    def begin(write=None):
        context = health.serve(
            0,
            stats,
            Alive(),
            logger("test", "INFO"),
            name="orders/billing",
            host="127.0.0.1",
            pages=lambda: stream_routes("orders/billing", "Kafka", stats, write),
        )
        port = context.__enter__()
        opened.append(context)

        def ask(path, body=None, **headers):
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, names)
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read()

        return ask

    yield begin
    for context in opened:
        context.__exit__(None, None, None)


def test_it_tells_counts_partitions_and_the_last_dead_letters(serve, stats):
    stats.add(Counts(polled=3, done=2, dead_lettered=1))
    stats.set_lag({"orders-0": 7})
    stats.watch(lambda: [PartitionStatus(name="orders-0", buffered=4, tries=2)])
    stats.dead_letters.add([("orders-0@1", "amount is negative"), ("orders-0@2", "x" * 1000)])
    status, body = serve()("/stream")
    told = json.loads(body)
    assert (status, told["name"], told["source"]) == (200, "orders/billing", "Kafka")
    assert (told["counts"]["polled"], told["may_write"]) == (3, False)
    (partition,) = told["partitions"]
    assert (partition["lag"], partition["waiting"], partition["tries"]) == (7, 4, 2)
    latest, first = told["dead_letters"]
    assert (first["record"], first["why"]) == ("orders-0@1", "amount is negative")
    assert len(latest["why"]) == 500


def test_the_page_asks_for_the_stream(serve):
    status, page = serve()("/")
    assert status == 200
    assert b'data-about="stream"' in page


def test_a_test_message_is_written_and_its_caller_waits_for_the_acknowledgement(serve):
    written = []

    async def write(value, key):
        written.append((value, key))

    ask = serve(write)
    assert json.loads(ask("/stream")[1])["may_write"]
    assert ask("/stream/messages", b'{"value": "{}", "key": "7"}') == (204, b"")
    assert ask("/stream/messages", b'{"value": ""}')[0] == 204
    assert written == [("{}", "7"), ("", None)]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"value": 1}', b'{"value": "", "x": 1}', b'{"value": "\xff"}'],
)
def test_what_is_no_message_is_refused(serve, body):
    async def write(value, key):
        raise AssertionError

    status, text = serve(write)("/stream/messages", body)
    assert status == 400
    assert b"this is no message" in text


def test_what_the_source_does_not_take_is_told(serve):
    async def write(value, key):
        raise HeadraceError("the broker is away")

    status, text = serve(write)("/stream/messages", b'{"value": "{}"}')
    assert status == 502
    assert b"the broker is away" in text


def test_writing_is_off_unless_it_is_asked_for(serve):
    status, text = serve()("/stream/messages", b'{"value": "{}"}')
    assert status == 403
    assert b"HEADRACE_HTTP_PRODUCE" in text


def test_pages_of_other_sites_may_not_write(serve):
    async def write(value, key):
        raise AssertionError

    ask = serve(write)
    assert ask("/stream/messages", b'{"value": "{}"}', sec_fetch_site="cross-site")[0] == 403


def test_with_a_key_strangers_see_probes_and_nothing_of_the_stream(serve, monkeypatch):
    monkeypatch.setenv("HEADRACE_API_KEY", KEY)
    ask = serve()
    assert ask("/healthz")[0] == 200
    assert ask("/")[0] == 200  # it holds nothing, and asks for the key
    assert ask("/stream")[0] == 401
    assert ask("/stream", x_api_key=KEY)[0] == 200


@pytest.mark.parametrize(
    ("settings", "needs"),
    [({"http_page": True}, "HTTP_PORT"), ({"http_port": 0, "http_produce": True}, "HTTP_PAGE")],
)
def test_settings_that_need_another_say_so(settings, needs):
    with pytest.raises(SettingsError, match=f"needs HEADRACE_{needs}"):
        MappingSettings(**settings).check()


def test_a_page_that_is_to_write_where_nothing_can_be_written_is_refused():
    """The form was left out without a word."""
    shown = Shown("stock", "DynamoDB", None, {})
    settings = MappingSettings(http_port=0, http_page=True, http_produce=True)

    with pytest.raises(SettingsError, match="HEADRACE_HTTP_PRODUCE: DynamoDB takes no messages"):
        open_serving(shown, settings, Stats(), None, logger("test", "CRITICAL"))
