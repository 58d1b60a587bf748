"""The page at `/`, driven by a real Chromium against the real server."""

import base64
import io
import json
import os
import subprocess
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from headrace.store.publisher import Publisher
from headrace.web.page.assets import FOLDER
from tests.support.browser import DESKTOP, PHONE, Opened, chromium
from tests.support.http_server import LoopbackServer, QuietHandler
from tests.support.models import three_boxes, tumor
from tests.support.served import ROOT, serve

WIDTH, HEIGHT = 400, 300
WORKERS = "workers.tumor_classifier workers.object_detector"
KEY = "a key of many letters, and of буквы"

pytestmark = pytest.mark.slow(seconds=5)


def white():
    file = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), "white").save(file, "PNG")
    return file.getvalue()


def turned_webp():
    """The same, stored on its side: only EXIF says so."""
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (HEIGHT, WIDTH), "white").save(file, "WEBP", exif=exif.tobytes())
    return file.getvalue()


class Pictures(QuietHandler):
    late = threading.Event()

    def do_GET(self):
        if self.path == "/late":
            self.late.wait(20)
        self.reply(200 if self.path == "/white.png" else 404, white())


@pytest.fixture(scope="module")
def pictures():
    with LoopbackServer(Pictures) as running:
        yield running.address


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = tmp_path_factory.mktemp("page") / "models"
    tumor.publish(root, rounds=30)
    files = {"model_card.md": b"# A card\n\nIt says **much**.", "roc.png": white()}
    tumor.publish(root, metrics={"auc": 0.99}, more=files)
    three_boxes.publish(Publisher(root))
    return root


@pytest.fixture(scope="module")
def server(store, pictures, tmp_path_factory):
    env = {
        "HEADRACE_MODEL_ROOT": str(store),
        "HEADRACE_IMAGE_ALLOW_HOSTS": pictures,
        "HEADRACE_SERVE_ROLLBACK": "true",
    }
    with serve(tmp_path_factory.mktemp("server"), WORKERS, **env) as served:
        yield served


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser, server):
    """Opens the page; at the end there is no error, and no other host was asked."""
    pages = []

    def begin(viewport=DESKTOP, scheme="light", url=server.url):
        pages.append(Opened(browser, url, viewport, scheme))
        return pages[-1]

    yield begin
    for one in pages:
        assert (one.errors, one.elsewhere) == ([], [])
        one.close()


def detect(one, url):
    one.tab("Detector")
    one.page.get_by_label("Image URL").fill(url)
    one.page.get_by_role("button", name="Detect").click()


def is_drawn(pixel):
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_tab_fits_and_is_accessible(opened, pictures, viewport, scheme):
    one = opened(viewport, scheme)
    for tab in ("Detector", "Classifier", "Models"):
        one.tab(tab)
        if tab == "Detector":
            detect(one, f"http://{pictures}/white.png")
            one.page.wait_for_selector("canvas", state="visible")
        one.page.get_by_role("tabpanel").wait_for()
        wide = one.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= viewport["width"]
        found = Axe().run(one.page).response["violations"]
        assert [(f["id"], n["html"]) for f in found for n in f["nodes"]] == []


def test_a_class_with_a_long_name_fits_on_a_phone(opened, pictures):
    one = opened(PHONE)
    answer = {
        "detection_boxes": [[0.1, 0.1, 0.5, 0.5]],
        "detection_scores": [0.9],
        "detection_class_entities": ["x" * 300],
        "picture": f"data:image/png;base64,{base64.b64encode(white()).decode()}",
    }
    one.page.route("**/detect", lambda route: route.fulfill(json=answer))
    detect(one, f"http://{pictures}/white.png")
    one.page.get_by_text("1 of 1 detections shown").wait_for()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("tab", ["Detector", "Classifier", "Models"])
def test_large_text_fits_on_a_phone(opened, tab):
    one = opened(PHONE)
    one.tab(tab)
    if tab == "Classifier":
        one.page.get_by_text("B, benign").wait_for()
    one.page.evaluate("document.documentElement.style.fontSize = '32px'")
    assert one.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_api_s_page_fits_and_is_accessible(opened, server, scheme):
    one = opened(PHONE, scheme)
    one.page.goto(f"{server.url}/api")
    one.page.get_by_role("heading", name="POST /tumor").wait_for()
    one.page.locator("details").first.click()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    found = Axe().run(one.page).response["violations"]
    assert [(f["id"], n["html"]) for f in found for n in f["nodes"]] == []


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


def test_the_classifier_shows_its_answer_and_why(opened, server):
    one = opened()
    page = one.page
    one.tab("Classifier")
    page.get_by_role("button", name="Sample: malignant").click()
    page.get_by_text("M, malignant").wait_for()
    sent = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.field')].map((field) =>"
        " [field.querySelector('input').id.replace('tumor_classifier-', ''),"
        " Number(field.querySelector('input').value)]))"
    )
    assert len(sent) == 30
    answer = server.request("POST", "/tumor", json=sent | {"explain": True}).json()
    assert (
        f"{answer['probability'] * 100:.1f} %" in page.locator("[data-id=probability]").inner_text()
    )
    first, value = max(answer["contributions"].items(), key=lambda one: abs(one[1]))
    chart = page.locator("[data-id=chart] span").all_text_contents()
    assert (chart[0], chart[1][1:]) == (first, f"{abs(value):.2f}")
    assert page.locator("[data-id=chart] svg").count() == 13


@pytest.fixture
def classifier(browser, server):
    """The classifier's tab, with its first answer."""
    one = Opened(browser, server.url)
    one.tab("Classifier")
    one.page.get_by_text("B, benign").wait_for()
    yield one.page
    one.close()


def test_a_value_out_of_range_is_marked_and_one_that_is_missing_is_told(classifier):
    radius = classifier.get_by_label("radius").first
    assert classifier.locator(".field.out").count() == 0
    radius.fill("1000")
    assert classifier.locator(".field.out").count() == 1
    assert "outside" in classifier.locator(".field.out").inner_text()
    radius.fill("")
    classifier.get_by_role("button", name="Classify").click()
    classifier.locator(".error").wait_for()
    assert "radius_mean: missing" in classifier.locator(".error").inner_text()


def test_a_text_that_is_no_number_is_told(classifier):
    radius = classifier.get_by_label("radius").first
    radius.fill("")
    radius.press_sequentially("1e")
    assert "not a number" in classifier.locator(".field.out").inner_text()
    classifier.get_by_role("button", name="Classify").click()
    classifier.get_by_text("radius_mean: not a number").wait_for()


def test_a_class_that_comes_late_does_not_replace_a_later_one(opened):
    one = opened()
    page = one.page
    one.tab("Classifier")
    page.get_by_text("B, benign").wait_for()
    page.evaluate(
        "() => { const ask = window.fetch; window.fetch = async (...of) => {"
        " const answer = await ask(...of); window.fetch = ask;"
        " await new Promise((go) => { window.late = go; }); return answer; }; }"
    )
    with page.expect_response("**/tumor"):
        page.get_by_role("button", name="Sample: benign").click()
    page.get_by_role("button", name="Sample: malignant").click()
    page.get_by_text("M, malignant").wait_for()
    page.evaluate("window.late()")
    page.wait_for_timeout(200)
    assert page.locator("[data-id=verdict]").inner_text() == "M, malignant"


def test_tabs_are_chosen_by_keys(opened):
    one = opened()
    page = one.page
    page.get_by_role("tab", name="Detector").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == "Classifier"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.get_by_role("tab", name="Models").get_attribute("aria-selected") == "true"


@pytest.mark.parametrize("module", ["größe", "shop.models"])
def test_a_tab_has_any_name_and_is_opened_again(browser, store, tmp_path, module):
    text = "from workers.tumor_classifier import handler\n"
    path = tmp_path.joinpath(*module.split(".")).with_suffix(".py")
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    env = {"HEADRACE_MODEL_ROOT": str(store), "PYTHONPATH": str(ROOT)}
    with serve(tmp_path, f"workers.object_detector {module}", cwd=tmp_path, **env) as served:
        one = Opened(browser, served.url)
        one.tab("Models")
        one.page.get_by_role("heading", name="detector", exact=True).wait_for()
        one.tab("Classifier")
        one.page.reload()
        one.page.get_by_text("B, benign").wait_for()
        one.close()


def test_models_show_their_versions_and_go_back(opened, store):
    one = opened()
    page = one.page
    one.tab("Models")
    model = page.locator(".model", has_text="tumor")
    assert model.locator("tbody[data-id=versions] tr").count() == 2
    assert "0.9900" in model.locator("[data-id=metrics]").inner_text()
    model.get_by_text("Model card").click()
    model.get_by_text("It says much.").wait_for()
    model.get_by_text("Plots").click()
    model.get_by_alt_text("roc of").wait_for()
    alias = Publisher(store).alias("tumor")
    model.get_by_role("button", name=f"Roll back to {alias.history[0][:12]}").click()
    model.get_by_role("button", name="Nothing to roll back to").wait_for()
    assert Publisher(store).alias("tumor").version == alias.history[0]


def test_two_who_go_back_from_one_version_go_back_once(browser, server, store):
    publisher = Publisher(store)
    older, newer = publisher.versions("tumor")
    publisher.point("tumor", older)
    publisher.point("tumor", newer)
    one = Opened(browser, server.url)
    page = one.page
    one.tab("Models")
    back = page.get_by_role("button", name=f"Roll back to {older[:12]}")
    back.wait_for()
    page.wait_for_load_state("networkidle")
    publisher.point("tumor", older)  # the other was faster
    back.click()
    page.get_by_text(f"the version before is {newer[:12]} now, not {older[:12]}").wait_for()
    page.get_by_role("button", name=f"Roll back to {newer[:12]}").wait_for()
    assert publisher.resolve("tumor") == older
    one.close()


def test_the_tab_of_models_shows_what_others_have_moved(opened, store):
    publisher = Publisher(store)
    older, newer = publisher.versions("tumor")
    publisher.point("tumor", older)
    one = opened()
    one.tab("Models")
    row = one.page.locator(f"[data-version='{newer}']")
    row.wait_for()
    assert not row.get_by_text("current").count()
    publisher.point("tumor", newer)
    one.tab("Detector")
    one.tab("Models")
    row.get_by_text("current").wait_for()


def test_a_server_with_a_key_asks_for_it(browser, store, tmp_path):
    env = {"HEADRACE_MODEL_ROOT": str(store), "HEADRACE_API_KEY": KEY}
    with serve(tmp_path, WORKERS, **env) as served:
        context = browser.new_context()
        page = context.new_page()
        page.goto(served.url)
        page.get_by_role("textbox", name="Key").fill("another key of many letters")
        page.get_by_role("button", name="Go on").click()
        page.get_by_text("That is not the key.").wait_for()
        page.get_by_role("textbox", name="Key").fill(KEY)
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("tab", name="Classifier").click()
        page.get_by_text("Probability of M").wait_for()
        page.locator("[data-id=curl] summary").last.click()
        line = page.get_by_label("curl command").last.inner_text()
        answer = subprocess.run(
            ["bash", "-c", line], env={**os.environ, "HEADRACE_API_KEY": KEY}, capture_output=True
        )
        assert json.loads(answer.stdout) == {"result": "B"}
        assert KEY not in line
        context.close()


def test_another_site_cannot_have_a_browser_ask(server):
    headers = {"sec-fetch-site": "cross-site"}
    answer = server.request("POST", "/tumor", body=b"{}", headers=headers)
    assert (answer.status, answer.json()["detail"]) == (403, "pages of other sites may not ask")


def test_nothing_but_pictures_of_models_can_be_read(server):
    model = server.request("GET", "/models").json()["workers"][0]
    version = model["versions"][0]["name"]
    for path in ("model.ubj", "manifest.json", "nothing.png"):
        assert server.request("GET", f"/models/tumor/versions/{version}/{path}").status == 404
    assert server.request("GET", f"/models/nobody/versions/{version}/roc.png").status == 404


def test_the_page_is_light():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 60_000
