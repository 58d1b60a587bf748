"""Cold start is a feature: what a worker imports is counted."""

import json
import subprocess
import sys

import pytest

from tests.support.models import tumor


def loaded_after(statement):
    code = f"{statement}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(run.stdout.splitlines()[-1])


def modules_after(statement):
    return {name.partition(".")[0] for name in loaded_after(statement)}


def count_after(statement):
    return len(loaded_after(statement))


def test_the_library_itself_imports_little():
    """About half of its 60 ms of processor time are msgspec's and orjson's."""
    loaded = set(loaded_after("import headrace"))
    assert not loaded & {"asyncio", "concurrent", "email", "hashlib", "logging", "socket", "ssl"}
    assert not loaded & {"http.client", "subprocess", "tempfile", "urllib.parse"}
    assert count_after("import headrace") - count_after("import msgspec, orjson") <= 50


@pytest.mark.parametrize("worker", ["msk_consumer", "kinesis_consumer"])
def test_consumers_import_no_client_and_no_numpy(worker):
    loaded = modules_after(f"import workers.{worker}")
    assert not loaded & {"boto3", "confluent_kafka", "numpy", "cryptography", "xgboost", "PIL"}


def test_the_classifier_imports_neither_pandas_nor_scikit_learn():
    loaded = modules_after("import workers.tumor_classifier, xgboost")
    assert not loaded & {"pandas", "sklearn", "matplotlib", "boto3", "confluent_kafka"}
    assert "aws_lambda_powertools" not in modules_after("import workers.tumor_classifier")


def test_the_detector_imports_no_tensorflow_and_what_http_takes_only_where_it_is_asked_for():
    loaded = modules_after("import workers.object_detector")
    assert not loaded & {"tensorflow", "keras", "sklearn", "boto3", "confluent_kafka"}
    assert not loaded & {"aws_lambda_powertools", "email", "ssl"}


def test_a_first_answer_of_a_model_imports_nothing_that_writes_tries_or_asks_for_metadata(tmp_path):
    tumor.publish(tmp_path)
    statement = (
        f"import os; os.environ['HEADRACE_MODEL_ROOT'] = {str(tmp_path)!r}\n"
        f"from workers.tumor_classifier import handler; handler({tumor.EVENT!r})"
    )
    loaded = set(loaded_after(statement))
    assert not loaded & {"importlib.metadata", "email", "tempfile", "socket"}
    assert not loaded & {"headrace.store.publisher", "headrace.store.trial", "headrace.inference"}
