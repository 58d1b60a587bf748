"""An image URL becomes pixels, safely. This is the public face; everything below may change.

    settings = headrace.settings.read(ImageSettings)      # HEADRACE_IMAGE_...
    loader = ImageLoader(settings)
    image = decode(loader.fetch(url), max_pixels=settings.image_max_pixels)

`ImageLoader.fetch` goes only where the settings allow and returns the bytes of the file. `decode`
turns them into a Pillow image in mode RGB. Both raise `ImageError`, whose message may be shown to
whoever sent the URL. Decoding needs the extra `images`, reading `s3://` URLs the extra `aws`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headrace.images.decoder import decode
    from headrace.images.error import ImageError
    from headrace.images.loader import ImageLoader
    from headrace.images.settings import ImageSettings

__all__ = ["ImageError", "ImageLoader", "ImageSettings", "decode"]

_PLACES = {
    "ImageError": "error",
    "ImageLoader": "loader",
    "ImageSettings": "settings",
    "decode": "decoder",
}

if not TYPE_CHECKING:  # else any name would pass for one of this module's

    def __getattr__(name: str) -> object:
        """Import what is asked for: a cold start pays for nothing else."""
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
