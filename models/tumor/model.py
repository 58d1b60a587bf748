"""The breast-cancer classifier: load a version once, predict many times, with XGBoost alone."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from headrace.runtimes.lean_xgboost import Booster
from headrace.runtimes.xgboost import load
from headrace.runtimes.xgboost_dense import contributions, margin, predict
from headrace.store.errors import VersionCorruptError
from headrace.store.version import Version
from models.tumor.features import FEATURES
from models.tumor.spec import ARTIFACT, TumorSpec, read_spec

LABELS = ("B", "M")
OUTPUT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"result": {"enum": list(LABELS)}},
    "required": ["result"],
}

Floats = NDArray[np.float32]

# Between processors the margins of one model differ in their last digits only.
_TOLERANCE = 1e-3


class Explanation(NamedTuple):
    """Why a row got its probability, in log-odds of M.

    `contributions.sum(axis=1) + bias` is `margin`, and `1 / (1 + exp(-margin))` the probability.

    Attributes:
        margin: [n].
        contributions: [n, 30], in the order of `FEATURES`.
        bias: [n], what a row gets before any of its features is looked at.
    """

    margin: Floats
    contributions: Floats
    bias: Floats


class TumorModel:
    """A loaded version. Safe in many threads.

    Attributes:
        version: The version's name.
        threshold: The probability of M from which the answer is M.
    """

    def __init__(self, booster: Booster, threshold: float, version: str) -> None:
        self.version = version
        self.threshold = threshold
        self._booster = booster

    @classmethod
    def load(cls, version: Version) -> Self:
        """Load a version and warm it up on its golden samples.

        Raises:
            VersionCorruptError: No usable description or booster, or a golden sample got another
                answer than the recorded one.
        """
        try:
            spec = read_spec(version.manifest.attributes)
        except ValueError as error:
            raise VersionCorruptError(f"attributes.tumor of {version.name}: {error}") from error
        model = cls(_booster(version), spec.threshold, version.name)
        model._check(spec)
        return model

    def predict(self, rows: Floats) -> Floats:
        """Return the probability of M for each row.

        Args:
            rows: [n, 30], in the order of `FEATURES`, finite.
        """
        return predict(self._booster, rows)

    def labels(self, probabilities: Floats) -> list[str]:
        """Return B or M for each probability of M."""
        return [LABELS[malignant] for malignant in (probabilities >= self.threshold).tolist()]

    def explain(self, rows: Floats) -> Explanation:
        """Return the margin of each row, and what each feature added to it.

        Args:
            rows: [n, 30], in the order of `FEATURES`, finite.
        """
        parts = contributions(self._booster, rows)
        return Explanation(margin(self._booster, rows), parts[:, :-1], parts[:, -1])

    def _check(self, spec: TumorSpec) -> None:
        rows = np.array([sample.row for sample in spec.golden], np.float32)
        expected = np.array([sample.margin for sample in spec.golden])
        explanation = self.explain(rows)
        odds = 1 / (1 + np.exp(-expected))
        if not (
            np.allclose(explanation.margin, expected, rtol=0, atol=_TOLERANCE)
            and np.allclose(self.predict(rows), odds, rtol=0, atol=_TOLERANCE)
        ):
            raise VersionCorruptError(
                f"{self.version} does not answer its golden samples as recorded"
            )


def as_rows(packed: Sequence[bytes]) -> Floats:
    """Join rows from `tumor_features.pack` into one array, [n, 30]."""
    return np.frombuffer(b"".join(packed), np.float32).reshape(-1, len(FEATURES))


def _booster(version: Version) -> Booster:
    booster = load(version, ARTIFACT).booster
    if booster.feature_names != list(FEATURES):
        raise VersionCorruptError(f"{ARTIFACT} of {version.name} takes other features than ours")
    return booster
