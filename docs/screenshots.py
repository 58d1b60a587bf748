"""Write docs/pictures/page-*.png: the page with the published models, in a real Chromium.

Run `python docs/screenshots.py` after a change of the page, with chromium installed and both models
published (`make train`); then look at them.
"""

import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import skimage
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from headrace.testing.brokers.apache_kafka import KafkaBroker
from tests.support.browser import PHONE, Opened, chromium
from tests.support.served import serve

ROOT = Path(__file__).parents[1]
PICTURES = Path(__file__).parent / "pictures"
PHOTOGRAPHS = Path(skimage.__file__).parent / "data"
WORKERS = "workers.object_detector workers.tumor_classifier"
VIEWPORT = {"width": 1100, "height": 760}
ORDERS = """
import time

from headrace import Reject, Worker, lambda_handler


class Orders(Worker):
    def process(self, record):
        time.sleep(0.0005)
        order = record.json()
        if order["amount"] < 0:
            raise Reject(f"amount is negative: {order['amount']}")
        return order


handler = lambda_handler(Orders)
"""


def main() -> None:
    """Take all of them."""
    models = os.environ.get("HEADRACE_MODEL_ROOT", str(ROOT / "var" / "models"))
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder), WORKERS, HEADRACE_MODEL_ROOT=models) as served,
        chromium() as browser,
    ):
        detector(Opened(browser, served.url, VIEWPORT), "coffee.png", "page-detector")
        detector(Opened(browser, served.url, PHONE, "dark"), "chelsea.png", "page-phone")
        one = Opened(browser, served.url, VIEWPORT, "dark")
        one.tab("Classifier")
        one.page.get_by_role("button", name="Sample: malignant").click()
        one.page.get_by_text("M, malignant").wait_for()
        save(one, "page-classifier")
    stream()


def stream() -> None:
    """Watch a run on a real Kafka for a while."""
    with tempfile.TemporaryDirectory() as name, KafkaBroker(Path(name)) as broker:
        folder = Path(name)
        (folder / "orders.py").write_text(ORDERS)
        admin = AdminClient({"bootstrap.servers": broker.bootstrap})
        admin.create_topics([NewTopic("orders", 4, 1)])["orders"].result(60)
        log = (folder / "log").open("wb")
        command = [sys.executable, "-m", "headrace", "run", "orders", "--kafka", broker.bootstrap]
        flags = ("--topic", "orders", "--http-port", "8091", "--http-page", "true")
        writes = ("--http-produce", "true", "--dead-letter-url", "file:dead.jsonl")
        with subprocess.Popen(  # noqa: S603
            [*command, *flags, *writes, "--sink-url", "file:priced.jsonl"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
        ) as runner:
            watch(broker.bootstrap)
            runner.terminate()
        log.close()


def watch(bootstrap: str) -> None:
    """Write orders, faster and slower, and take the picture."""
    producer, chance = Producer({"bootstrap.servers": bootstrap}), random.Random(1)  # noqa: S311
    time.sleep(8)
    with chromium() as browser:
        one = Opened(browser, "http://127.0.0.1:8091", {"width": 1100, "height": 900})
        for second in range(45):
            for number in range(600 + 25 * (second % 12) ** 2):
                amount = -number if chance.random() < 0.0004 else 5
                order = json.dumps({"id": number, "amount": amount})
                producer.produce("orders", order, str(chance.randrange(1000)))
            producer.flush()
            one.page.wait_for_timeout(1000)
        save(one, "page-stream")


def detector(one: Opened, photograph: str, name: str) -> None:
    """Ask about a photograph."""
    for _ in range(2):  # the second answer is a warm one
        one.page.locator("input[type=file]").set_input_files(PHOTOGRAPHS / photograph)
        one.page.get_by_text("detections shown").wait_for()
        one.page.wait_for_timeout(1000)
    save(one, name)


def save(one: Opened, name: str) -> None:
    """Save what is in view, as few colours as text needs."""
    with Image.open(io.BytesIO(one.page.screenshot())) as image:
        few = image.convert("RGB").quantize(192)
        few.save(PICTURES / f"{name}.png", optimize=True)
    one.close()


if __name__ == "__main__":
    main()
