import socket
import subprocess
import sys
import urllib.error
import urllib.request
import uuid

import pytest

from headrace.errors import HeadraceError, SettingsError
from headrace.log import logger
from headrace.runner.monitoring import health
from headrace.runner.monitoring.stats import LIVE_SECONDS, Counts, Stats
from headrace.web.native_threads import native_threads


class Status:
    def __init__(self, live=True, ready=True):
        self.is_live, self.is_ready = live, ready

    def live(self):
        return self.is_live

    def ready(self):
        return self.is_ready


@pytest.fixture
def log():
    return logger(f"test-{uuid.uuid4()}", "INFO")  # of no other test: it writes where that one did


@pytest.fixture
def served(log):
    """(stats, status, url) of a running server."""
    stats, status = Stats(), Status()
    with health.serve(0, stats, status, log, name="orders/billing", host="127.0.0.1") as port:
        yield stats, status, f"http://127.0.0.1:{port}"


def get(url, method="GET", **headers):
    request = urllib.request.Request(url, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers


def test_health_follows_the_status(served):
    _, status, url = served
    assert get(f"{url}/healthz")[0] == 200
    status.is_live = False
    assert get(f"{url}/healthz")[0] == 503


def test_readiness_is_another_question(served):
    _, status, url = served
    assert get(f"{url}/readyz")[0] == 200
    status.is_ready = False
    assert get(f"{url}/readyz")[0] == 503
    assert get(f"{url}/healthz")[0] == 200


def test_metrics_are_of_now_and_in_the_format_that_is_asked_for(served):
    stats, _, url = served
    stats.add(Counts(polled=3))
    _, text, headers = get(f"{url}/metrics")
    assert 'PolledEventCount_total{mapping="orders/billing"} 3.0' in text
    assert headers["Content-Type"].startswith("text/plain")
    stats.add(Counts(polled=1))
    _, text, headers = get(f"{url}/metrics", Accept="application/openmetrics-text;version=1.0.0")
    assert 'PolledEventCount_total{mapping="orders/billing"} 4.0' in text
    assert text.endswith("# EOF\n")
    assert headers["Content-Type"].startswith("application/openmetrics-text")


def test_anything_else_is_not_found_and_says_no_version(served):
    *_, url = served
    code, _, headers = get(f"{url}/")
    assert code == 404
    assert headers["Server"].strip() == "headrace"
    assert get(f"{url}/healthz?verbose=1")[0] == 200
    assert get(f"{url}/healthz", method="POST")[0] == 405


def test_head_sends_no_body(served):
    *_, url = served
    code, text, headers = get(f"{url}/healthz", method="HEAD")
    assert (code, text) == (200, "")
    assert int(headers["Content-Length"]) > 0


def test_a_page_that_fails_is_a_line_in_the_log_and_ends_nothing(served, capsys):
    stats, _, url = served
    stats.watch(lambda: 1 / 0)
    code, text, _ = get(f"{url}/metrics")
    assert (code, "ZeroDivision" in text) == (500, False)
    assert get(f"{url}/healthz")[0] == 200
    captured = capsys.readouterr()
    assert '"request failed"' in captured.out
    assert captured.err == ""


def test_probes_leave_no_line_in_the_log(served, capsys):
    *_, url = served
    capsys.readouterr()
    get(f"{url}/healthz")
    get(f"{url}/nowhere")
    assert capsys.readouterr() == ("", "")


def test_all_interfaces_of_both_families_unless_told_otherwise(log):
    with health.serve(0, Stats(), Status(), log, name="m") as port:
        assert get(f"http://127.0.0.1:{port}/healthz")[0] == 200
        if socket.has_dualstack_ipv6():
            assert get(f"http://[::1]:{port}/healthz")[0] == 200


def test_without_a_port_nothing_is_served(log):
    with health.serve(None, Stats(), Status(), log, name="m") as port:
        assert port is None


def test_the_port_is_free_again_afterwards(log):
    with health.serve(0, Stats(), Status(), log, name="m", host="127.0.0.1") as port:
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_port_that_is_taken_is_one_clear_error(log):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(SettingsError, match=f"HEADRACE_HTTP_PORT={port}: .*in use"),
            health.serve(port, Stats(), Status(), log, name="m", host="127.0.0.1"),
        ):
            pass


def test_the_clock_of_liveness_starts_with_the_server(log, monkeypatch):
    """A model that loads for minutes before it must not make the first probe fail."""
    stats = Stats()
    stats._polled_at -= 1_000
    with health.serve(0, stats, Status(), log, name="m", host="127.0.0.1"):
        assert stats.poll_age() < LIVE_SECONDS


def test_clients_that_say_nothing_keep_nobody_from_asking(served, monkeypatch):
    *_, url = served
    port = int(url.rpartition(":")[2])
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
    assert get(f"{url}/healthz")[0] == 200
    for connection in silent:
        connection.close()


def test_without_the_server_one_line_says_what_brings_it(log, monkeypatch):
    monkeypatch.setitem(sys.modules, "headrace.web.server", None)
    with (
        pytest.raises(HeadraceError, match=r"headrace\[metrics\]"),
        health.serve(0, Stats(), Status(), log, name="m"),
    ):
        pass


def test_a_run_without_a_port_loads_nothing_for_it():
    code = (
        "import sys; from headrace.runner import run;"
        " print({'prometheus_client', 'rich', 'granian', 'asyncio'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_no_thread_of_the_server_is_left(log):
    """One that asks for the interpreter while that ends would abort the process."""
    before = native_threads()
    with health.serve(0, Stats(), Status(), log, name="m", host="127.0.0.1") as port:
        assert get(f"http://127.0.0.1:{port}/healthz")[0] == 200
        begun = native_threads() - before
        assert begun
    assert not native_threads() & begun
