"""Drawings of uploads go to a bucket, and are no uploads themselves."""

import io

import pytest
from PIL import Image

from headrace import lambda_handler
from headrace.errors import SettingsError
from tests.support.grey_pictures import image_file
from tests.support.uploads import KEY, Bucket, queued, results
from workers.object_detector import ObjectDetector

pytestmark = pytest.mark.kinesis


def test_a_drawing_goes_to_a_bucket_if_it_is_asked_for(bucket, environment, sink):
    environment.setenv("HEADRACE_PICTURES_URL", f"s3://{bucket.name}/drawn")
    handler = lambda_handler(ObjectDetector)
    handler(bucket.event())
    (found,) = results(sink)
    drawn = f"drawn/{bucket.name}/{KEY}.png"
    assert found["picture"] == f"s3://{bucket.name}/{drawn}"
    answer = bucket.client.get_object(Bucket=bucket.name, Key=drawn)
    assert answer["ContentType"] == "image/png"
    with Image.open(io.BytesIO(answer["Body"].read())) as drawing:
        assert (drawing.format, drawing.size) == ("PNG", (32, 24))
    handler(bucket.event(drawn))  # it tells of itself, in the same bucket
    assert len(results(sink)) == 1
    handler.close()


def test_only_drawings_are_passed_over_and_each_has_a_name_of_its_own(bucket, environment, sink):
    """An upload whose name merely begins as the prefix was taken for a drawing, and lost."""
    environment.setenv("HEADRACE_PICTURES_URL", f"s3://{bucket.name}/drawn")
    other = Bucket(bucket.client, f"{bucket.name}-too")
    environment.setenv("HEADRACE_UPLOAD_BUCKETS", f"{bucket.name},{other.name}")
    by_hand, longest = "drawn-by-hand/a.png", "x" * 1024
    for key in (by_hand, longest):
        bucket.put(key, image_file())
    handler = lambda_handler(ObjectDetector)

    handler(queued(bucket.event(), bucket.event(by_hand), bucket.event(longest), other.event()))

    pictures = {(found["bucket"], found["key"]): found["picture"] for found in results(sink)}
    assert pictures.keys() == {
        *((bucket.name, key) for key in (KEY, by_hand, longest)),
        (other.name, KEY),
    }
    assert len(set(pictures.values())) == len(pictures)
    names = [picture.removeprefix(f"s3://{bucket.name}/") for picture in pictures.values()]
    assert all(len(name.encode()) <= 1024 for name in names)
    for name in names:
        bucket.client.head_object(Bucket=bucket.name, Key=name)
    handler.close()


def test_drawings_in_a_bucket_of_uploads_need_a_prefix(bucket, environment, sink):
    environment.setenv("HEADRACE_PICTURES_URL", f"s3://{bucket.name}")
    with pytest.raises(SettingsError, match="name a prefix"):
        lambda_handler(ObjectDetector).worker()


@pytest.mark.parametrize(
    "url",
    [
        "file:x",
        "s3://",
        "s3://bucket/p?x=1",
        "s3://bucket/p#7",
        "s3://bucket/p?",
        "s3://me@bucket/p",
    ],
)
def test_a_wrong_address_of_drawings_ends_the_start(url, bucket, environment):
    environment.setenv("HEADRACE_PICTURES_URL", url)
    with pytest.raises(Exception, match="the form is s3://bucket/prefix"):
        lambda_handler(ObjectDetector).worker()
