"""The usual way to serve XGBoost on Lambda: joblib, pandas, the scikit-learn wrapper.

`train PATH` writes the model, `cold PATH EVENT` answers one event, `warm PATH EVENT` times many.
Runs in the peers' environment.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Handler = Callable[[dict[str, float], Any], str]


def train(path: str) -> None:
    """Fit the wrapper on a frame and dump it, as a notebook would."""
    import joblib
    from sklearn.datasets import load_breast_cancer
    from xgboost import XGBClassifier

    data = load_breast_cancer(as_frame=True)
    model = XGBClassifier(n_estimators=200, max_depth=3, learning_rate=0.05, n_jobs=1)
    model.fit(data.data, 1 - data.target)
    joblib.dump(model, path)


def load_handler(path: str) -> Handler:
    """The reference function: everything imported at the top, the model loaded once."""
    import joblib
    import pandas as pd

    model = joblib.load(path)

    def handler(event: dict[str, float], context: Any) -> str:
        del context
        frame = pd.DataFrame([event])
        frame.columns = model.feature_names_in_
        label = "M" if model.predict(frame)[0] else "B"
        return json.dumps({"result": label})

    return handler


def warm(handler: Handler, event: dict[str, float]) -> dict[str, float]:
    """Median milliseconds of one call."""
    times = []
    for _ in range(500):
        begun = time.perf_counter()
        handler(event, None)
        times.append(time.perf_counter() - begun)
    return {"milliseconds": statistics.median(times[50:]) * 1000}


if __name__ == "__main__":
    verb, path, *rest = sys.argv[1:]
    if verb == "train":
        train(path)
    else:
        event = json.loads(Path(rest[0]).read_text())
        handler = load_handler(path)
        answer = handler(event, None) if verb == "cold" else json.dumps(warm(handler, event))
        print(answer, flush=True)
        if verb == "cold":
            time.sleep(60)  # until the benchmark has looked at our memory
