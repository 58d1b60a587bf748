"""What the page is told of workers and of the versions of their models."""

from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from headrace.endpoint import Endpoint
from headrace.errors import Reject
from headrace.serve.service import Service
from headrace.settings import read
from headrace.store.aliases import is_name
from headrace.store.errors import StoreError
from headrace.store.model_store import ModelStore
from headrace.store.settings import PublisherSettings, StoreSettings
from headrace.store.version import Version

_CARD = "model_card.md"
_MOST = 20
_SAMPLES = "golden."


def told(service: Service, endpoint: Endpoint, *, may_roll_back: bool) -> dict[str, Any]:
    """Return what the page shows of a worker.

    Raises:
        SettingsError: the store's settings are wrong.
    """
    about: dict[str, Any] = {
        "name": service.name,
        "path": endpoint.path,
        "view": endpoint.view,
        "summary": endpoint.summary,
        "schema": endpoint.request,
        "samples": [] if endpoint.example is None else [{"name": "1", "input": endpoint.example}],
        "samples_of_pictures": [],
        "model": None,
    }
    if endpoint.model:
        about |= _model(service, endpoint, endpoint.model)
        about["may_roll_back"] = may_roll_back
    return about


def file_of(model: str, version: str, path: str) -> bytes:
    """Return a picture of a version.

    Raises:
        Reject: there is no such picture.
    """
    missing = Reject("there is no such picture", status=HTTPStatus.NOT_FOUND)
    if not is_name(model) or not path.endswith(".png"):
        raise missing
    try:
        return _store().open(model, version).read(path)
    except StoreError:
        raise missing from None


def roll_back(model: str, to: str | None) -> str:
    """Point the model's alias at the version before. Returns that version's name.

    Args:
        model: the model's name.
        to: the version that is meant; None for whichever it is.

    Raises:
        Reject: there is none before, it is another than is meant, or it is not sound.
    """
    try:
        publisher = read(PublisherSettings).publisher()
        publisher.alias(model).rolled_back(to)
        return publisher.roll_back(model).name
    except StoreError as error:
        raise Reject(str(error), status=HTTPStatus.CONFLICT) from None


def _model(service: Service, endpoint: Endpoint, model: str) -> dict[str, Any]:
    store = _store()
    about: dict[str, Any] = {"model": model, "current": None, "before": None, "serving": None}
    if endpoint.tensors and service.worker is not None:
        about["serving"] = endpoint.tensors(service.worker).version
    with suppress(StoreError):
        alias = store.alias(model)
        about |= {"current": alias.version, "before": next(iter(alias.history), None)}
    versions = list(_versions(store, model))
    about["versions"] = [_version(one) for one in versions]
    current = next((one for one in versions if one.name == about["current"]), None)
    return about | (_samples(current) if current else {})


def _versions(store: ModelStore, model: str) -> Iterator[Version]:
    for name in store.versions(model)[:_MOST]:
        with suppress(StoreError):  # one that is not sound is not shown
            yield store.open(model, name)


def _version(version: Version) -> dict[str, Any]:
    manifest = version.manifest
    paths = [entry.path for entry in manifest.files]
    card = ""
    if _CARD in paths:
        with suppress(StoreError):
            card = version.read(_CARD).decode(errors="replace")
    return {
        "name": version.name,
        "created": manifest.created,
        "metrics": manifest.metrics,
        "card": card,
        "pictures": [path for path in paths if path.endswith(".png") and "/" not in path],
    }


def _samples(version: Version) -> dict[str, Any]:
    """Return what a version brings to try it with."""
    attributes = version.manifest.attributes
    base = f"/models/{version.model}/versions/{version.name}"
    found: dict[str, Any] = {"ranges": attributes.get("ranges", {})}
    if attributes.get("samples"):
        found["samples"] = attributes["samples"]
    found["samples_of_pictures"] = [
        f"{base}/{entry.path}"
        for entry in version.manifest.files
        if entry.path.startswith(_SAMPLES) and entry.path.endswith(".png")
    ]
    return found


def _store() -> ModelStore:
    return read(StoreSettings).store()
