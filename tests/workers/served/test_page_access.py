"""Who the page serves, and what of the models it does not."""

import json
import os
import subprocess

import pytest

from tests.support.page import WORKERS
from tests.support.served import serve

KEY = "a key of many letters, and of буквы"

pytestmark = pytest.mark.slow(seconds=5)


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
