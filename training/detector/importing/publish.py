"""An imported detector becomes a version of the model store."""

from typing import Any

from headrace.store.publisher import Publisher
from headrace.store.version import Version
from models.detector.model import Detector
from training.detector.description import describe
from training.detector.importing.imported import Imported


def publish(
    publisher: Publisher, imported: Imported, model: str, source: dict[str, Any]
) -> Version:
    """Publish to a store.

    Args:
        publisher: The store.
        imported: The detector.
        model: Its name in the store.
        source: Where it came from, for the manifest.

    Raises:
        StoreError: The store refuses it.
    """
    description = describe(
        model,
        imported.spec,
        metrics=imported.metrics,
        training_data="",
        attributes={"source": source, **imported.notes},
    )
    return publisher.publish(imported.files, description, load=Detector.load)
