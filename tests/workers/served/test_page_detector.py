"""The detector's tab, in a real Chromium: pictures, boxes, errors."""

import base64
import io
import json

import pytest
from PIL import Image

from tests.support.browser import PHONE, Opened
from tests.support.models import three_boxes
from tests.support.page import HEIGHT, WIDTH, Pictures, assert_box, detect, is_drawn, white

pytestmark = pytest.mark.slow(seconds=5)


def turned_webp():
    """The same, stored on its side: only EXIF says so."""
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (HEIGHT, WIDTH), "white").save(file, "WEBP", exif=exif.tobytes())
    return file.getvalue()


def test_boxes_are_where_the_answer_says_and_the_slider_filters(opened, pictures):
    one = opened()
    page = one.page
    detect(one, f"http://{pictures}/white.png")
    page.get_by_text("2 of 2 detections shown").wait_for()
    assert_box(one.canvas(), three_boxes.BOXES[0])
    assert_box(one.canvas(), three_boxes.BOXES[2])
    assert page.locator("tbody tr td:first-child").all_text_contents()[:2] == ["cat", "dog"]

    slider = page.get_by_role("slider", name="Score from")
    slider.focus()
    slider.press("End")
    page.get_by_text("0 of 2 detections shown").wait_for()
    assert all(low > 250 for low, _ in one.canvas().getextrema())
    slider.evaluate("(e) => { e.value = 0.7; e.dispatchEvent(new Event('input')); }")
    page.get_by_text("1 of 2 detections shown").wait_for()
    assert_box(one.canvas(), three_boxes.BOXES[0])
    assert not is_drawn(one.canvas().getpixel((round(0.9 * WIDTH), round(0.75 * HEIGHT))))
    page.get_by_label("cat (1)").uncheck()
    page.get_by_text("0 of 2 detections shown").wait_for()


def test_the_answer_tells_of_itself_and_can_be_taken_along(opened, pictures):
    one = opened()
    page = one.page
    url = f"http://{pictures}/white.png"
    detect(one, url)
    page.get_by_text("inference").first.wait_for()
    times = page.locator("[data-id=times]").inner_text()
    assert "Model " in times
    assert "fetch" in times
    page.locator("[data-id=curl] summary").first.click()
    line = page.get_by_label("curl command").first.inner_text()
    assert json.dumps({"url": url}, separators=(",", ":")) in line
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the annotated PNG").click()
    with Image.open(waiting.value.path()) as drawn:
        assert (drawn.format, drawn.size) == ("PNG", (WIDTH, HEIGHT))
        assert_box(drawn.convert("RGB"), three_boxes.BOXES[2])


@pytest.mark.parametrize("way", ["file", "drop", "paste", "sample"])
def test_a_picture_comes_in_every_way(opened, way):
    one = opened()
    page = one.page
    data = base64.b64encode(white()).decode()
    transfer = (
        "(target, [kind, data]) => { const transfer = new DataTransfer();"
        " const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));"
        " transfer.items.add(new File([bytes], 'white.png', { type: 'image/png' }));"
        " target.dispatchEvent(kind === 'drop'"
        " ? new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })"
        " : new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true })); }"
    )
    one.tab("Detector")
    if way == "file":
        file = {"name": "white.png", "mimeType": "image/png", "buffer": white()}
        page.locator("input[type=file]").set_input_files(file)
    elif way == "sample":
        page.get_by_role("button", name="Sample 1").click()
    else:
        page.locator("[data-id=drop]").evaluate(transfer, [way, data])
    page.get_by_text("2 of 2 detections shown").wait_for()


def test_a_webp_is_turned_as_the_model_has_seen_it(opened):
    one = opened()
    one.tab("Detector")
    file = {"name": "phone.jpg", "mimeType": "image/jpeg", "buffer": turned_webp()}
    one.page.locator("input[type=file]").set_input_files(file)
    one.page.get_by_text("2 of 2 detections shown").wait_for()
    assert one.canvas().size == (WIDTH, HEIGHT)
    assert_box(one.canvas(), three_boxes.BOXES[0])


@pytest.mark.parametrize("kind", ["", "text/plain", "application/json"])
def test_a_picture_whose_name_says_something_else_is_one(opened, kind):
    one = opened()
    one.tab("Detector")
    file = {"name": "white", "mimeType": kind, "buffer": white()}
    one.page.locator("input[type=file]").set_input_files(file)
    one.page.get_by_text("2 of 2 detections shown").wait_for()


def test_labels_stay_legible_where_the_picture_gets_smaller(opened):
    one = opened()
    one.tab("Detector")
    picture = io.BytesIO()
    Image.new("RGB", (2000, 1500), "white").save(picture, "PNG")
    file = {"name": "large.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    one.page.locator("input[type=file]").set_input_files(file)
    one.page.get_by_text("2 of 2 detections shown").wait_for()

    def coloured():
        counts = one.canvas().convert("L").histogram()
        return sum(counts[:200])

    before = coloured()
    one.page.set_viewport_size(PHONE)
    one.page.wait_for_timeout(200)
    assert coloured() > 1.2 * before


def test_an_answer_that_comes_late_does_not_replace_a_later_one(browser, server, pictures):
    one = Opened(browser, server.url)
    detect(one, f"http://{pictures}/late")
    one.page.get_by_text("Looking").wait_for()
    file = {"name": "white.png", "mimeType": "image/png", "buffer": white()}
    one.page.locator("input[type=file]").set_input_files(file)
    one.page.get_by_text("2 of 2 detections shown").wait_for()
    with one.page.expect_response("**/detect"):
        Pictures.late.set()
    one.page.wait_for_timeout(200)
    assert one.page.locator("canvas").is_visible()
    assert not one.page.locator(".error").count()
    one.close()


@pytest.mark.parametrize(
    ("url", "title", "detail"),
    [
        ("https://169.254.169.254/latest", "Bad Request", "address"),
        ("http://{pictures}/nothing", "Bad Request", "404"),
    ],
)
def test_a_hostile_or_wrong_url_shows_its_error(browser, server, pictures, url, title, detail):
    one = Opened(browser, server.url)
    detect(one, url.format(pictures=pictures))
    shown = one.page.locator(".error")
    shown.wait_for()
    assert title in shown.inner_text()
    assert detail in shown.inner_text()
    assert one.page.locator("canvas").is_hidden()
    one.close()
