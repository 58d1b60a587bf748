"""A real Chromium, and pages that tell of every error."""

import io
import shutil
from contextlib import contextmanager

import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@contextmanager
def chromium():
    """The Chromium of this machine, without a window."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        yield browser
        browser.close()


class Opened:
    """A page of a server, in a context of its own.

    Attributes:
        page: Playwright's.
        errors: what its console and its scripts have complained of.
        elsewhere: requests to other hosts; none gets through.
    """

    def __init__(self, browser, url, viewport=DESKTOP, scheme="light"):
        self.errors, self.elsewhere = [], []
        self._context = browser.new_context(
            viewport=viewport, color_scheme=scheme, accept_downloads=True
        )
        self.page = self._context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("console", lambda one: one.type == "error" and self.errors.append(one.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.route("**/*", lambda route: self._pass(route, url))
        self.page.goto(url)
        self.page.wait_for_selector("[role=tab]")

    def _pass(self, route, url):
        if route.request.url.startswith((url, "blob:", "data:")):
            route.continue_()
        else:
            self.elsewhere.append(route.request.url)
            route.abort()

    def tab(self, name):
        """Open a tab."""
        self.page.get_by_role("tab", name=name).click()

    def canvas(self):
        """What is drawn."""
        data = self.page.evaluate(
            "async () => { const canvas = document.querySelector('canvas');"
            " const blob = await new Promise((done) => canvas.toBlob(done));"
            " return [...new Uint8Array(await blob.arrayBuffer())]; }"
        )
        return Image.open(io.BytesIO(bytes(data))).convert("RGB")

    def close(self):
        self._context.close()
