"""The page at `/` in a real Chromium: it fits, is accessible and light, its tabs are found."""

import base64

import pytest
from axe_playwright_python.sync_playwright import Axe

from headrace.web.page.assets import FOLDER
from tests.support.browser import DESKTOP, PHONE, Opened
from tests.support.page import detect, white
from tests.support.served import ROOT, serve

pytestmark = pytest.mark.slow(seconds=5)


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


def test_the_page_is_light():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 60_000
