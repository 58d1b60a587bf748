"""The tab of models, in a real Chromium: versions, and the way back."""

import pytest

from headrace.store.publisher import Publisher
from tests.support.browser import Opened

pytestmark = pytest.mark.slow(seconds=5)


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
