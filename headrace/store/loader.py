"""Loading versions of one model, a candidate first in a process of its own."""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from headrace.store.importable import check_importable
from headrace.store.model_store import ModelStore
from headrace.store.version import Version

M = TypeVar("M")


class Loaded(NamedTuple, Generic[M]):
    """A model and the name of the version that it came from."""

    model: M
    version: str


class Loader(Generic[M]):
    """Loads versions of one model, for one thread at a time.

    Args:
        store: Where the versions are.
        model: The model's name.
        load: Makes the model from a version's files.
        trial_seconds: How long a candidate may take in a process of its own; 0: it is not tried.

    Raises:
        StoreError: Candidates are to be tried, and another process could not import `load`.
    """

    def __init__(
        self, store: ModelStore, model: str, load: Callable[[Version], M], trial_seconds: float
    ) -> None:
        self._store = store
        self._model = model
        self._load = load
        self._trial_seconds = trial_seconds
        if trial_seconds:
            check_importable(load)

    def load(self, name: str) -> Loaded[M]:
        """Load a version by its name.

        Raises:
            StoreError: The version is not sound, or not for the libraries that are installed.
            Exception: What `load` raised.
        """
        version = self._open(name)
        return Loaded(self._load(version), version.name)

    def load_candidate(self, name: str) -> Loaded[M]:
        """Load a version that is to replace another: elsewhere first, and only then here.

        Raises:
            TrialError: It crashed, or hung, or did not load in a process of its own.
            Exception: As in `load`.
        """
        if self._trial_seconds:
            from headrace.store.trial import attempt  # noqa: PLC0415 - no cold start needs it

            attempt(self._load, self._open(name), self._store.verify_key, self._trial_seconds)
        return self.load(name)

    def _open(self, name: str) -> Version:
        version = self._store.open(self._model, name)
        version.check_libraries()
        return version
