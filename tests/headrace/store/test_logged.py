"""What happens to a model in a serving process: one JSON object a line, each told once."""

import json

import pytest

from tests.support.models import tumor
from tests.support.served import serve
from tests.support.waiting import wait_until


@pytest.mark.slow
def test_unchecked_signatures_a_refusal_and_a_swap_are_logged(tmp_path):
    models = tmp_path / "models"
    tumor.publish(models, rounds=5)
    environ = {
        "HEADRACE_MODEL_ROOT": str(models),
        "HEADRACE_MODEL_VERIFY_KEY": "",
        "HEADRACE_MODEL_REFRESH_SECONDS": "0.05",
    }
    with serve(tmp_path, "workers.tumor_classifier", **environ) as served:

        def logged(part):
            served.request("POST", "/predict", body=json.dumps(tumor.EVENT))
            return [line for line in served.lines() if part in line["message"]]

        bad = tumor.publish(models, files={"model.ubj": b""})
        wait_until(lambda: logged("cannot load version"), 60)
        good = tumor.publish(models, rounds=6)
        wait_until(lambda: logged("now serves version"), 60)
        (refusal,) = logged("cannot load version")
        (swap,) = logged("now serves version")
        (warning,) = logged("signatures are not checked")

    assert (refusal["level"], swap["level"], warning["level"]) == ("ERROR", "INFO", "WARNING")
    assert bad.name in refusal["message"]
    assert good.name in swap["message"]
    assert all(line.startswith("{") for line in served.log.read_text().splitlines())
