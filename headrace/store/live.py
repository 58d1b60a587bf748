"""A model that follows its alias while it serves: try, load, verify, warm up, and only then swap.

Nothing here makes a request wait: whoever asks gets what is serving now, and now and then starts a
thread that looks whether the alias moved. A candidate is first tried in a process of its own. A
version that fails to load is reported once, tried again ever more rarely, and replaces nothing.
"""

import logging
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Generic, Self, TypeVar

from headrace.settings import read
from headrace.store.aliases import is_name
from headrace.store.loader import Loaded, Loader
from headrace.store.model_store import CURRENT, ModelStore
from headrace.store.refusals import Refusals
from headrace.store.settings import StoreSettings
from headrace.store.version import Version

M = TypeVar("M")

_log = logging.getLogger(__name__)


class LiveModel(Generic[M]):
    """The model that an alias stands for, reloaded when the alias moves. Safe for many threads.

    Args:
        store: Where the versions are.
        model: The model's name.
        load: Makes the model from a version's files, and raises if it does not answer its golden
            samples. Called by one thread at a time. A function or class method of a module, so that
            a candidate can be tried in another process.
        reference: The alias to follow, or a version to stay with.
        refresh_seconds: The least time between two looks at the alias, each one small read.
        trial_seconds: How long a candidate may take to load in a process of its own before it is
            loaded here; 0: candidates are loaded here at once.
        on_failure: Called once for each version that cannot be loaded, with the error.

    Raises:
        StoreError: Candidates are to be tried, and another process could not import `load`.
    """

    def __init__(
        self,
        store: ModelStore,
        model: str,
        load: Callable[[Version], M],
        *,
        reference: str = CURRENT,
        refresh_seconds: float = 60.0,
        trial_seconds: float = 300.0,
        on_failure: Callable[[Exception], None] | None = None,
    ) -> None:
        self._store = store
        self._model = model
        self._loader = Loader(store, model, load, trial_seconds)
        self._reference = reference
        self._refresh_seconds = refresh_seconds
        self._on_failure = on_failure
        self._refusals = Refusals(refresh_seconds)
        self._loading = threading.Lock()
        self._serving: Loaded[M] | None = None
        self._next_look = 0.0

    @classmethod
    def from_settings(
        cls, model: str, load: Callable[[Version], M], *, reference: str = CURRENT
    ) -> Self:
        """Load a model from the store that the environment names, ready to serve.

        Args:
            model: The model's name.
            load: As for the class.
            reference: As for the class.

        Raises:
            SettingsError: A variable has a wrong value.
            StoreError: There is no sound version to start with.
            Exception: What `load` raised.
        """
        settings = read(StoreSettings)
        if not settings.model_verify_key:
            _warn_of_unsigned()
        live = cls(
            settings.store(),
            model,
            load,
            reference=reference,
            refresh_seconds=settings.model_refresh_seconds,
            trial_seconds=settings.model_trial_seconds,
        )
        live.current()
        return live

    @property
    def version(self) -> str:
        """The name of the version that serves; loads it if none does yet."""
        return self.loaded().version

    def current(self) -> M:
        """Return the model that serves. Load it at the first call; never fail once that succeeded.

        If the alias stands for a bad version when a process starts, the one before it serves.

        Raises:
            StoreError: There is no sound version to start with.
            Exception: What `load` raised, at the first call.
        """
        return self.loaded().model

    def loaded(self) -> Loaded[M]:
        """Return the model that serves together with its version, as one consistent pair.

        Raises:
            Exception: As in `current`.
        """
        serving = self._serving
        if serving is None:
            return self._start()
        if time.monotonic() >= self._next_look and self._loading.acquire(blocking=False):
            self._look_in_background()
        return serving

    def _start(self) -> Loaded[M]:
        with self._loading:
            if self._serving is None:
                self._serving = self._first()
                self._next_look = time.monotonic() + self._refresh_seconds
            return self._serving

    def _first(self) -> Loaded[M]:
        name = self._store.resolve(self._model, self._reference)
        try:
            return self._loader.load(name)
        except Exception as error:
            is_alias = is_name(self._reference)  # a version has none before it
            fallback = self._fallback() if is_alias else None
            if fallback is None:
                raise
            self._refuse(name, error)
            _log.warning("model %s starts with the version before: %s", self._model, fallback[1])
            return fallback

    def _fallback(self) -> Loaded[M] | None:
        """Load the version that the alias stood for before, for a start on a bad one."""
        try:
            alias = self._store.alias(self._model, self._reference)
            return next((self._loader.load(name) for name in alias.previous(1)), None)
        except Exception as error:  # noqa: BLE001 - the current version's error is the one to raise
            _log.warning("model %s has no earlier version to fall back to: %s", self._model, error)
            return None

    def _look_in_background(self) -> None:
        def look() -> None:
            try:
                self._look()
            finally:
                self._loading.release()

        self._next_look = time.monotonic() + self._refresh_seconds
        try:
            threading.Thread(target=look, name=f"refresh-{self._model}", daemon=True).start()
        except RuntimeError:  # no thread to be had: go on serving, look again later
            self._loading.release()

    def _look(self) -> None:
        name = ""
        try:
            name = self._store.resolve(self._model, self._reference)
            if self._serving is None or name != self._serving.version:
                if self._refusals.is_waiting(name):
                    return
                self._serving = self._loader.load_candidate(name)
                _log.info("model %s now serves version %s", self._model, name)
            self._refusals.clear()
        except Exception as error:  # noqa: BLE001 - whatever a candidate does, the last good one serves
            self._refuse(name, error)
        finally:
            self._next_look = time.monotonic() + self._refresh_seconds

    def _refuse(self, name: str, error: Exception) -> None:
        if not self._refusals.note(name):
            return
        _log.error("model %s cannot load version %s: %s", self._model, name or "?", error)
        if self._on_failure is not None:
            try:
                self._on_failure(error)
            except Exception:  # noqa: BLE001 - an alarm that fails must not stop the model
                _log.exception("the alarm itself failed")


@cache
def _warn_of_unsigned() -> None:
    """Say once in a process that anybody who may write to the mount can replace a model."""
    _log.warning("model signatures are not checked: no verifying key is configured")
