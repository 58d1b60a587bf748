"""The classifier's tab, in a real Chromium: the answer, why, and wrong values."""

import pytest

from tests.support.browser import Opened

pytestmark = pytest.mark.slow(seconds=5)


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
