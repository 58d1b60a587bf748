"""The classifier with a small model."""

import pytest

from headrace.handler import lambda_handler
from tests.support.models import tumor as support
from workers.tumor_classifier import TumorClassifier


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """The store of models."""
    root = tmp_path_factory.mktemp("models")
    support.publish(root)
    return root


@pytest.fixture(scope="session")
def handler(root):
    """The classifier's handler."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADRACE_MODEL_ROOT", str(root))
        handler = lambda_handler(TumorClassifier)
        handler.worker()
    return handler
