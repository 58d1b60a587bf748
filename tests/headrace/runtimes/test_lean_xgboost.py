"""XGBoost's core without the rest of it: the trick is pinned, so that the next XGBoost shows up."""

import json
import subprocess
import sys

import numpy as np
import pytest
import xgboost

pytestmark = pytest.mark.slow(seconds=3)

_PREDICT = """
import json, sys
import numpy as np
{imports}
booster = Booster()
booster.load_model({path!r})
rows = np.load({rows!r})
answer = booster.inplace_predict(rows, validate_features=False).tolist()
margin = booster.predict(DMatrix(rows), output_margin=True).tolist()
{after}
print(json.dumps([answer, margin, sorted(sys.modules)]))
"""
LEAN = "from headrace.runtimes.lean_xgboost import Booster, DMatrix"
FULL = "from xgboost import Booster, DMatrix"


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("booster")
    rows = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    booster = xgboost.train({"max_depth": 3}, xgboost.DMatrix(rows, rows.sum(axis=1)), 5)
    booster.save_model(folder / "model.ubj")
    np.save(folder / "rows.npy", rows)
    return str(folder / "model.ubj"), str(folder / "rows.npy")


def run(paths, imports, after=""):
    code = _PREDICT.format(imports=imports, path=paths[0], rows=paths[1], after=after)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer, margin, modules = json.loads(done.stdout.splitlines()[-1])
    return answer, margin, set(modules)


def test_it_answers_as_the_whole_package_does(paths):
    lean, full = run(paths, LEAN), run(paths, FULL)

    assert lean[:2] == full[:2]


def test_it_loads_none_of_what_it_leaves_out(paths):
    _, _, modules = run(paths, LEAN)

    left_out = {"xgboost.sklearn", "xgboost.plotting", "sklearn", "pandas", "matplotlib"}
    assert not modules & left_out
    assert not modules & {"numpy.testing", "numpy.f2py", "unittest"}
    _, _, whole = run(paths, FULL)
    assert len(modules) < 0.6 * len(whole)


def test_the_whole_package_can_be_imported_afterwards_and_before(paths):
    after = "import xgboost\nassert xgboost.train and xgboost.Booster is Booster"
    lean = run(paths, LEAN, after)
    before = run(paths, f"import xgboost\n{LEAN}\nassert xgboost.Booster is Booster")

    assert lean[0] == before[0]


def test_numpy_has_all_its_parts_afterwards(paths):
    run(paths, LEAN, "import numpy.testing\nnumpy.testing.assert_equal(1, 1)")
