"""A model that follows its alias while it serves: load, verify, warm up, and only then swap.

Nothing here makes a request wait: whoever asks gets what is serving now, and now and then starts a
thread that looks whether the alias moved. A version that fails to load is reported once, tried
again ever more rarely, and replaces nothing.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from headrace.store.model_store import CURRENT, ModelStore, Version

M = TypeVar("M")

_LONGEST_PAUSE = 3600.0  # seconds between attempts at a version that keeps failing

_log = logging.getLogger(__name__)


class Loaded(NamedTuple, Generic[M]):
    """A model and the name of the version that it came from."""

    model: M
    version: str


class _Failure(NamedTuple):
    times: int
    retry_at: float


class LiveModel(Generic[M]):
    """The model that an alias stands for, reloaded when the alias moves. Safe for many threads.

    Args:
        store: Where the versions are.
        model: The model's name.
        load: Makes the model from a version's files, and raises if it does not answer its golden
            sample. Called by one thread at a time.
        reference: The alias to follow, or a version to stay with.
        refresh_seconds: The least time between two looks at the alias, each one small read.
        on_failure: Called once for each version that cannot be loaded, with the error.
    """

    def __init__(
        self,
        store: ModelStore,
        model: str,
        load: Callable[[Version], M],
        *,
        reference: str = CURRENT,
        refresh_seconds: float = 60.0,
        on_failure: Callable[[Exception], None] | None = None,
    ) -> None:
        self._store = store
        self._model = model
        self._load = load
        self._reference = reference
        self._refresh_seconds = refresh_seconds
        self._on_failure = on_failure
        self._loading = threading.Lock()
        self._serving: Loaded[M] | None = None
        self._next_look = 0.0
        self._failures: dict[str, _Failure] = {}  # by version; empty while all is well

    @property
    def version(self) -> str:
        """The name of the version that serves; loads it if none does yet."""
        return self.loaded().version

    def current(self) -> M:
        """The model that serves. Loads it at the first call; never fails once that succeeded.

        If the alias stands for a bad version when a process starts, the one before it serves.

        Raises:
            StoreError: There is no sound version to start with.
            Exception: What `load` raised, at the first call.
        """
        return self.loaded().model

    def loaded(self) -> Loaded[M]:
        """The model that serves together with its version, as one consistent pair.

        Raises:
            Exception: As in `current`.
        """
        serving = self._serving
        if serving is None:
            return self._start()
        if time.monotonic() >= self._next_look and self._loading.acquire(blocking=False):
            self._look_in_background()
        return serving

    def refresh(self) -> None:
        """Looks at the alias now, and returns when the version it stands for serves or has failed.

        Raises:
            Exception: As in `current`, if nothing served before.
        """
        if self._serving is None:
            self._start()
            return
        with self._loading:
            self._look(patient=False)

    def _start(self) -> Loaded[M]:
        with self._loading:
            if self._serving is None:
                self._serving = self._first()
                self._next_look = time.monotonic() + self._refresh_seconds
            return self._serving

    def _first(self) -> Loaded[M]:
        name = self._store.resolve(self._model, self._reference)
        try:
            return self._load_version(name)
        except Exception as error:
            fallback = self._fallback()
            if fallback is None:
                raise
            self._failed(name, error)
            return fallback

    def _fallback(self) -> Loaded[M] | None:
        """The version that the alias stood for before, for a process that starts on a bad one."""
        try:
            alias = self._store.alias(self._model, self._reference)
            return next((self._load_version(name) for name in alias.previous(1)), None)
        except Exception as error:  # noqa: BLE001 - the current version's error is the one to raise
            _log.warning("model %s has no earlier version to fall back to: %s", self._model, error)
            return None

    def _look_in_background(self) -> None:
        def look() -> None:
            try:
                self._look(patient=True)
            finally:
                self._loading.release()

        self._next_look = time.monotonic() + self._refresh_seconds
        try:
            threading.Thread(target=look, name=f"refresh-{self._model}", daemon=True).start()
        except RuntimeError:  # no thread to be had: go on serving, look again later
            self._loading.release()

    def _look(self, *, patient: bool) -> None:
        name = ""
        try:
            name = self._store.resolve(self._model, self._reference)
            if self._serving is None or name != self._serving.version:
                if patient and self._is_waiting(name):
                    return
                self._serving = self._load_version(name)
                _log.info("model %s now serves version %s", self._model, name)
            self._failures.clear()
        except Exception as error:  # noqa: BLE001 - whatever a candidate does, the last good one serves
            self._failed(name, error)
        finally:
            self._next_look = time.monotonic() + self._refresh_seconds

    def _is_waiting(self, name: str) -> bool:
        failure = self._failures.get(name)
        return failure is not None and time.monotonic() < failure.retry_at

    def _load_version(self, name: str) -> Loaded[M]:
        version = self._store.open(self._model, name)
        version.check_libraries()
        return Loaded(self._load(version), version.name)

    def _failed(self, name: str, error: Exception) -> None:
        times = self._failures[name].times + 1 if name in self._failures else 1
        pause = min(self._refresh_seconds * 2.0 ** min(times, 32), _LONGEST_PAUSE)
        self._failures[name] = _Failure(times, time.monotonic() + pause)
        if times > 1:
            return
        _log.error("model %s cannot load version %s: %s", self._model, name or "?", error)
        if self._on_failure is not None:
            try:
                self._on_failure(error)
            except Exception:  # noqa: BLE001 - an alarm that fails must not stop the model
                _log.exception("the alarm itself failed")
