"""The page of the server in a browser, and pictures for it."""

import io
import threading

from PIL import Image

from tests.support.http_server import QuietHandler

WIDTH, HEIGHT = 400, 300
WORKERS = "workers.tumor_classifier workers.object_detector"


def white():
    """A white picture."""
    file = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), "white").save(file, "PNG")
    return file.getvalue()


class Pictures(QuietHandler):
    late = threading.Event()

    def do_GET(self):
        if self.path == "/late":
            self.late.wait(20)
        self.reply(200 if self.path == "/white.png" else 404, white())


def detect(one, url):
    """Ask for the objects in the picture at an address."""
    one.tab("Detector")
    one.page.get_by_label("Image URL").fill(url)
    one.page.get_by_role("button", name="Detect").click()


def is_drawn(pixel):
    """Whether a pixel is of what was drawn."""
    return min(pixel) < 200


def assert_box(image, box):
    """Every side of a box is drawn where the answer says, and nothing beside it."""
    top, left, bottom, right = (
        round(part * size) for part, size in zip(box, (HEIGHT, WIDTH) * 2, strict=True)
    )
    middle = (left + right) // 2, (top + bottom) // 2
    for x, y in ((right, middle[1]), (middle[0], bottom), (left, middle[1])):
        assert is_drawn(image.getpixel((x, y)))
    assert not is_drawn(image.getpixel(middle))
    for x, y in ((left - 8, middle[1]), (right + 8, middle[1]), (middle[0], bottom + 8)):
        assert not is_drawn(image.getpixel((x, y)))
