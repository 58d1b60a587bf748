"""Breast Cancer Wisconsin (Diagnostic), as scikit-learn ships it, under the contract's names."""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from models.tumor.features import FEATURES
from models.tumor.model import LABELS

HELD_OUT_SHARE = 0.2
# Not the training seed: whatever seed a model was trained with, it has not seen these rows.
_SPLIT_SEED = 20

_SUFFIXES = {"mean": "mean", "error": "se", "worst": "worst"}


class Samples(NamedTuple):
    """The samples.

    Attributes:
        features: float64 [n, 30], in the order of `FEATURES`.
        malignant: int64 [n], 1 for M and 0 for B.
    """

    features: NDArray[np.float64]
    malignant: NDArray[np.int64]

    def take(self, indices: NDArray[np.int64]) -> "Samples":
        """Return the samples at these indices."""
        return Samples(self.features[indices], self.malignant[indices])

    def digest(self) -> str:
        """Return the SHA-256 of the numbers and the labels."""
        content = self.features.astype("<f8").tobytes() + self.malignant.astype("u1").tobytes()
        return hashlib.sha256(content).hexdigest()


class Row(NamedTuple):
    """One sample as a message: what a client sends, and the answer that would be right."""

    features: dict[str, float]
    truth: str


def load() -> Samples:
    """Return all 569 samples."""
    bunch = load_breast_cancer()
    order = [_contract_name(name) for name in bunch.feature_names]
    columns = [order.index(name) for name in FEATURES]
    malignant = bunch.target == list(bunch.target_names).index("malignant")
    return Samples(bunch.data[:, columns], malignant.astype(np.int64))


def split(data: Samples) -> tuple[Samples, Samples]:
    """Divide into what a model learns from and what it never sees; stratified, always the same."""
    train, held_out = train_test_split(
        np.arange(len(data.malignant)),
        test_size=HELD_OUT_SHARE,
        stratify=data.malignant,
        random_state=_SPLIT_SEED,
    )
    return data.take(train), data.take(held_out)


def all_rows() -> list[Row]:
    """Return every sample as a message."""
    return _rows(load())


def held_out_rows() -> list[Row]:
    """Return the samples that the published model was not trained on, as messages."""
    return _rows(split(load())[1])


def messages() -> Iterator[dict[str, object]]:
    """Yield every sample as the classifier is asked about it; its number is its id."""
    for number, row in enumerate(all_rows()):
        yield {"id": str(number), **row.features}


def _rows(data: Samples) -> list[Row]:
    return [
        Row(dict(zip(FEATURES, numbers, strict=True)), LABELS[malignant])
        for numbers, malignant in zip(data.features.tolist(), data.malignant.tolist(), strict=True)
    ]


def _contract_name(name: str) -> str:
    """Turn `mean radius` into `radius_mean`, `radius error` into `radius_se`, and so on."""
    words = name.split()
    place = -1 if words[-1] == "error" else 0
    suffix = _SUFFIXES[words.pop(place)]
    return f"{' '.join(words).replace('fractal dimension', 'fractal_dimension')}_{suffix}"
