"""`headrace run orders --processes 2` in the background."""

import json
import os
import subprocess
import sys
import urllib.request
from functools import partial
from http import HTTPStatus
from pathlib import Path

import urllib3

from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
RECORDS = 400
WORKER = """
import os
import time

from headrace import Worker, lambda_handler


class Orders(Worker):
    def process(self, record):
        time.sleep(0.002)
        return {"value": record.json(), "pid": os.getpid()}


handler = lambda_handler(Orders)
"""


class Run:
    """A supervisor in the background, and what comes of it.

    Args:
        folder: where the worker's file is, and where results go.
        flags: of the source, and more.
    """

    def __init__(self, folder, *flags):
        self.folder = folder
        (folder / "orders.py").write_text(WORKER)
        self._log = folder / "log"
        command = [sys.executable, "-m", "headrace", "run", "orders", "--processes", "2"]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *flags, "--sink-url", "file:done.jsonl", "--http-port", "0"],
                cwd=folder,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )

    def text(self):
        return self._log.read_text()

    def lines(self):
        return [json.loads(line) for line in self.text().splitlines() if line.startswith("{")]

    def said(self, message):
        return next((line for line in self.lines() if line["message"] == message), None)

    def metrics(self):
        port = self.said("serving health and metrics")["port"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        found = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name.partition("{")[0]: float(value) for name, _, value in found}

    def done(self):
        file = self.folder / "done.jsonl"
        written = file.read_text().splitlines() if file.exists() else []
        return [json.loads(line)["value"] for line in written]

    def values(self):
        return {one["value"] for one in self.done()}

    def members(self):
        return {one["pid"] for one in self.done()}

    def is_ready(self):
        """Whether both processes take records."""
        begun = self.said("serving health and metrics")
        if begun is None:
            return False
        url = f"http://127.0.0.1:{begun['port']}/readyz"
        return urllib3.request("GET", url, retries=False).status == HTTPStatus.OK

    def write_until_both_work(self, write):
        """Write numbers, as many as it takes. Returns how many."""
        written = 0
        while len(self.members()) < 2:
            write(range(written, written + RECORDS))
            written += RECORDS
            self.wait_for(partial(self.has_done, written))
        return written

    def has_done(self, count):
        """Whether all numbers below `count` are done."""
        return self.values() == {*range(count)}

    def wait_for(self, ask):
        def ask_while_it_runs():
            assert self.process.poll() is None, self.text()
            return ask()

        return wait_until(ask_while_it_runs, 60, every=0.1, why=self.text)
