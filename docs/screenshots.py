"""Write docs/pictures/page-*.png: the page with the published models, in a real Chromium.

Run `python docs/screenshots.py` after a change of the page, with chromium installed and both models
published (`make train`); then look at them.
"""

import io
import os
import sys
import tempfile
from pathlib import Path

import skimage
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.served import serve
from tests.workers.served.browser import PHONE, Opened, chromium

ROOT = Path(__file__).parents[1]
PICTURES = Path(__file__).parent / "pictures"
PHOTOGRAPHS = Path(skimage.__file__).parent / "data"
WORKERS = "workers.object_detector workers.tumor_classifier"
VIEWPORT = {"width": 1100, "height": 760}


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
