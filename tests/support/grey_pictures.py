"""Pictures of one grey, and a server of them."""

import io

from PIL import Image

from tests.support.http_server import QuietHandler


def image_file(level=255, kind="PNG", size=(32, 24)):
    """A picture of one grey as a file."""
    file = io.BytesIO()
    Image.new("RGB", size, (level, level, level)).save(file, kind)
    return file.getvalue()


class Images(QuietHandler):
    """/white.png and so on; /status/503 answers with that status; /text is no image."""

    def do_GET(self):
        name = self.path.strip("/")
        status, body = 200, b"hello"
        if name.startswith("status/"):
            status = int(name.removeprefix("status/"))
        elif name != "text":
            body = image_file({"white.png": 255, "grey.png": 128}[name])
        self.reply(status, body)
