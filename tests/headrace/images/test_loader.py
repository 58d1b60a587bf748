"""The public entry as a whole."""

import pickle
import subprocess
import sys

from headrace.images.loader import ImageError, ImageLoader, decode
from tests.support.image_cases import route_loader
from tests.support.image_files import encode, picture
from tests.support.image_server import ImageServer, answer


def test_url_becomes_pixels():
    with ImageServer({"/a.gif": answer(encode(picture(), "JPEG"))}) as server:
        loader: ImageLoader = route_loader(server)
        image = decode(loader.fetch(server.url("/a.gif")), max_pixels=10_000)

    assert image.size == (96, 64)


def test_import_loads_neither_pillow_nor_boto3():
    program = (
        "import sys, headrace.images.loader; print({'PIL', 'boto3', 'numpy'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.strip() == "set()", done.stderr


def test_error_survives_the_way_between_processes():
    error = pickle.loads(pickle.dumps(ImageError("dns", "the host was not found", transient=True)))

    assert isinstance(error, ValueError)
    assert (error.kind, str(error), error.transient) == ("dns", "the host was not found", True)
