"""The public face of `headrace.images`: what it names, and that it costs nothing before use."""

import inspect
import subprocess
import sys

import pytest

from headrace import images


def run(program):
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_these_four_names_are_public():
    assert images.__all__ == ["ImageError", "ImageLoader", "ImageSettings", "decode"]


@pytest.mark.parametrize("name", images.__all__)
def test_each_of_them_is_there_and_documented(name):
    assert inspect.getdoc(getattr(images, name))


def test_another_name_is_refused_as_by_any_module():
    with pytest.raises(AttributeError, match="has no attribute 'loggable_'"):
        images.loggable_  # noqa: B018


def test_the_face_alone_imports_nothing_of_what_stands_behind_it():
    program = (
        "import sys, headrace.images; print([n for n in sys.modules if 'headrace.images.' in n])"
    )
    assert run(program) == "[]"


def test_all_names_together_import_neither_pillow_nor_boto3():
    program = (
        "import sys; from headrace.images import *; print({'PIL', 'boto3'} & set(sys.modules))"
    )
    assert run(program) == "set()"


@pytest.mark.parametrize(
    ("missing", "call", "extra"),
    [
        ("PIL", "decode(b'GIF89a' + bytes(7) + b';', max_pixels=9)", "headrace[images]"),
        (
            "botocore",
            "ImageLoader(ImageSettings(image_allow_s3=True)).fetch('s3://bucket/key')",
            "headrace[aws]",
        ),
    ],
)
def test_a_missing_library_is_told_with_the_extra_that_brings_it(missing, call, extra):
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from headrace.errors import HeadraceError\n"
        "from headrace.images import *\n"
        f"try: {call}\n"
        "except HeadraceError as error: print(error)"
    )
    assert extra in run(program)
