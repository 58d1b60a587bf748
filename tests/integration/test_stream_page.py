"""The page of a run, in a real Chromium, beside a real runner and a real Kafka."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.support.browser import DESKTOP, PHONE, Opened, chromium
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.slow(seconds=15)]

ROOT = Path(__file__).parents[2]
WORKER = """
from headrace import Reject, Worker, lambda_handler


class Orders(Worker):
    def process(self, record):
        if record.json()["amount"] < 0:
            raise Reject("amount is negative")


handler = lambda_handler(Orders)
"""


@pytest.fixture
def page_url(kafka, topic, tmp_path):
    """A run whose page may write."""
    (tmp_path / "orders.py").write_text(WORKER)
    log = tmp_path / "log"
    with log.open("wb") as file:
        runner = subprocess.Popen(
            [
                *(sys.executable, "-m", "headrace", "run", "orders"),
                *("--kafka", kafka.bootstrap, "--topic", topic(2)),
                *("--http-port", "0", "--http-page", "true", "--http-produce", "true"),
                *("--dead-letter-url", "file:dead.jsonl"),
            ],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=file,
            stderr=file,
        )

    def port():
        assert runner.poll() is None, log.read_text()
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        return next((line["port"] for line in lines if "port" in line), None)

    try:
        yield f"http://127.0.0.1:{wait_until(port, 60)}"
    finally:
        runner.kill()
        runner.wait()


def write(page, value):
    page.get_by_role("textbox", name="Value").fill(value)
    page.get_by_role("textbox", name="Key").fill("7")
    page.get_by_role("button", name="Write").click()
    page.get_by_text("Written at").wait_for()


def anew(route):
    """Answer as a run that has just taken the place of this one: it counts from 0."""
    told = route.fetch().json()
    route.fulfill(json=told | {"counts": dict.fromkeys(told["counts"], 0)})


def test_a_message_that_is_written_there_is_seen_there(page_url):
    with chromium() as browser:
        one = Opened(browser, page_url, DESKTOP)
        one.page.get_by_role("rowheader").nth(1).wait_for()  # both partitions are assigned
        write(one.page, '{"amount": 5}')
        one.page.locator("dl div", has_text="done").locator("dd", has_text="1").wait_for()
        write(one.page, '{"amount": -5}')
        one.page.get_by_role("region", name="Dead letters").get_by_text(
            "amount is negative"
        ).wait_for()
        one.page.route("**/stream", anew)
        one.page.locator("dl div", has_text="done").locator("dd", has_text="0").wait_for()
        assert one.page.locator("[data-id=rate]").inner_text() == "0 records/s"
        assert (one.errors, one.elsewhere) == ([], [])
        one.close()

        for viewport, scheme in ((DESKTOP, "dark"), (PHONE, "light")):
            one = Opened(browser, page_url, viewport, scheme)
            one.page.get_by_text("amount is negative").wait_for()
            wide = one.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= viewport["width"]
            found = Axe().run(one.page).response["violations"]
            assert [(f["id"], n["html"]) for f in found for n in f["nodes"]] == []
            one.page.evaluate("document.documentElement.style.fontSize = '32px'")
            wide = one.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= viewport["width"]
            one.close()
