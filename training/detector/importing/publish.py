"""An imported detector becomes a version of the model store."""

from typing import Any

from headrace.settings import read
from headrace.store.settings import PublisherSettings
from headrace.store.version import Version
from models.detector.model import Detector
from training.detector.description import describe
from training.detector.importing.imported import Imported


def publish(imported: Imported, model: str, source: dict[str, Any]) -> Version:
    """Publish to the store of the environment's settings.

    Args:
        imported: The detector.
        model: Its name in the store.
        source: Where it came from, for the manifest.

    Raises:
        SettingsError: The store's settings are wrong.
        StoreError: The store refuses it.
    """
    publisher = read(PublisherSettings).publisher()
    description = describe(
        model,
        imported.spec,
        metrics=imported.metrics,
        training_data="",
        attributes={"source": source, **imported.notes},
    )
    return publisher.publish(imported.files, description, load=Detector.load)
