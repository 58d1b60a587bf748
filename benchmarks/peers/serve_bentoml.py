"""BentoML, with its adaptive batching for the classifier."""

from pathlib import Path
from typing import Annotated, Any

import bentoml
import numpy as np
from bentoml.validators import ContentType

from benchmarks.peers.serve_models import Classifier, Pictures


@bentoml.service(traffic={"timeout": 30})
class classifier:  # noqa: N801 - named on the command line
    """A batch is one prediction."""

    def __init__(self) -> None:
        self.model = Classifier()

    @bentoml.api(route="/tumor", batchable=True, max_batch_size=64, max_latency_ms=10_000)
    def tumor(self, rows: np.ndarray) -> list[str]:
        """Answer rows."""
        return self.model.labels(rows)


@bentoml.service(traffic={"timeout": 30})
class detector:  # noqa: N801 - named on the command line
    """A picture is one call."""

    def __init__(self) -> None:
        self.model = Pictures()

    @bentoml.api(route="/detect")
    def detect(self, picture: Annotated[Path, ContentType("image/jpeg")], /) -> dict[str, Any]:
        """Answer one picture."""
        return self.model.find(picture.read_bytes())
