"""The public entry as a whole."""

import pickle

from headrace.errors import HeadraceError
from headrace.images import ImageError, ImageLoader, decode
from tests.support.images.files import encode, picture
from tests.support.images.loaders import route_loader
from tests.support.images.server import ImageServer, answer


def test_url_becomes_pixels():
    with ImageServer({"/a.gif": answer(encode(picture(), "JPEG"))}) as server:
        loader: ImageLoader = route_loader(server)
        image = decode(loader.fetch(server.url("/a.gif")), max_pixels=10_000)

    assert image.size == (96, 64)


def test_error_survives_the_way_between_processes():
    error = pickle.loads(pickle.dumps(ImageError("dns", "the host was not found", transient=True)))

    assert isinstance(error, HeadraceError)
    assert (error.kind, str(error), error.transient) == ("dns", "the host was not found", True)
