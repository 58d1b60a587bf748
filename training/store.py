"""The store that a job publishes to: tried first, as making a model may take an hour."""

import os

from headrace.settings import read
from headrace.store.errors import StoreError
from headrace.store.model_folder import ModelFolder
from headrace.store.publisher import Publisher
from headrace.store.settings import PublisherSettings


def open_store(model: str) -> Publisher:
    """Open the store of the environment's settings, to publish a model.

    Raises:
        SettingsError: A setting is wrong.
        StoreError: A key is none, or the store cannot be written to.
    """
    publisher = read(PublisherSettings).publisher()
    staging = ModelFolder(publisher.root, model).staging
    there = next(path for path in (staging, *staging.absolute().parents) if os.path.lexists(path))
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise StoreError(f"cannot publish {model}: {there} is no folder that can be written to")
    return publisher
