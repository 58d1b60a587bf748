"""FastAPI: a pydantic model of the features; plain functions, which it runs in its threads."""

import os
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import Field, create_model

from benchmarks.peers.serve_models import Classifier, Pictures
from models.tumor.features import FEATURES

app = FastAPI()

if os.environ["SERVE_MODEL"] == "classifier":
    classifier = Classifier()
    fields: Any = {
        name.replace(" ", "_"): (float, Field(alias=name, allow_inf_nan=False)) for name in FEATURES
    }
    Row = create_model("Row", **fields)

    @app.post("/tumor")
    def tumor(row: Row) -> dict[str, str]:  # type: ignore[valid-type]
        """Answer one row."""
        return {"result": classifier.labels([list(row.model_dump().values())])[0]}  # type: ignore[attr-defined]

else:
    pictures = Pictures()

    @app.post("/detect")
    async def detect(request: Request) -> dict[str, Any]:
        """Answer one picture."""
        return await run_in_threadpool(pictures.find, await request.body())
