"""Versions of models on a mounted folder: written once, verified at every read.

    model = LiveModel.from_settings("houses", load)    # HEADRACE_MODEL_ROOT, HEADRACE_MODEL_...
    model.current().predict(rows)                      # follows `current` while it serves

    publisher = Publisher(Path("var/models"))
    publisher.publish({"model.onnx": Path("model.onnx")}, Description(model="houses"), load=load)

`load` makes a model from a `Version`, whose `read` returns bytes that were just checked against the
manifest. `ModelStore` opens versions and cannot write; `Publisher` publishes, points, rolls back
and collects. Signing keys need the extra `signing`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headrace.store.live import LiveModel
    from headrace.store.manifest import Description
    from headrace.store.model_store import ModelStore
    from headrace.store.publisher import Publisher
    from headrace.store.version import Version

__all__ = ["Description", "LiveModel", "ModelStore", "Publisher", "Version"]

_PLACES = {
    "Description": "manifest",
    "LiveModel": "live",
    "ModelStore": "model_store",
    "Publisher": "publisher",
    "Version": "version",
}

if not TYPE_CHECKING:  # else any name would pass for one of this module's

    def __getattr__(name: str) -> object:
        """Import what is asked for: a cold start pays for nothing else."""
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
