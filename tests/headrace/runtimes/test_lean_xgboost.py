"""XGBoost's core without the rest of it: the trick is pinned, so that the next XGBoost shows up."""

import json
import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from tests.support.lazily import Lazily

xgboost = Lazily("xgboost")

pytestmark = pytest.mark.slow(seconds=3)

_PREDICT = """
import json, sys
import numpy as np
{imports}
booster = Booster()
booster.load_model({path!r})
rows = np.load({rows!r})
answer = predict(rows).tolist()
{after}
print(json.dumps([answer, sorted(sys.modules)]))
"""
LEAN = """
from headrace.runtimes import xgboost_dense
from headrace.runtimes.lean_xgboost import Booster
predict = lambda rows: xgboost_dense.predict(booster, rows)
"""
FULL = """
from xgboost import Booster
predict = lambda rows: booster.inplace_predict(rows)
"""
WITHOUT_SCIPY = f"""
class Without:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "scipy":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Without())
{LEAN}
"""


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("booster")
    rows = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    booster = xgboost.train({"max_depth": 3}, xgboost.DMatrix(rows, rows.sum(axis=1)), 5)
    booster.save_model(folder / "model.ubj")
    np.save(folder / "rows.npy", rows)
    return str(folder / "model.ubj"), str(folder / "rows.npy")


@cache  # several tests hold something against the same answer
def run(paths, imports, after=""):
    code = _PREDICT.format(imports=imports, path=paths[0], rows=paths[1], after=after)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer, modules = json.loads(done.stdout.splitlines()[-1])
    return answer, frozenset(modules)


def test_it_answers_as_the_whole_package_does(paths):
    assert run(paths, LEAN)[0] == run(paths, FULL)[0]


def test_it_loads_none_of_what_it_leaves_out(paths):
    _, modules = run(paths, LEAN)

    assert not modules & {"xgboost.sklearn", "xgboost.plotting", "sklearn", "pandas", "matplotlib"}
    assert not {name for name in modules if name.startswith("scipy")}
    _, whole = run(paths, FULL)
    assert len(modules) < 0.4 * len(whole)


def test_it_needs_no_scipy(paths):
    assert run(paths, WITHOUT_SCIPY)[0] == run(paths, FULL)[0]


@pytest.mark.parametrize("first", ["", "import scipy\n", "import scipy.sparse\n"])
def test_a_matrix_of_scipy_is_known_for_one(paths, first):
    after = """
from scipy.sparse import csr_matrix
assert booster.inplace_predict(csr_matrix(rows), missing=0).tolist() == answer
"""
    run(paths, first + LEAN, after)


def test_the_whole_package_can_be_imported_afterwards_and_before(paths):
    after = "import xgboost\nassert xgboost.train and xgboost.Booster is Booster"
    lean = run(paths, LEAN, after)
    before = run(paths, f"import xgboost\n{LEAN}\nassert xgboost.Booster is Booster")

    assert lean[0] == before[0]
