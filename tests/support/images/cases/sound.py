"""A sound picture in each format, to be damaged."""

from tests.support.images import files

PNG = files.encode(files.picture(), "PNG")
JPEG = files.encode(files.picture(), "JPEG")
GIF = files.encode(files.picture(), "GIF")
WEBP = files.encode(files.picture(), "WEBP")
