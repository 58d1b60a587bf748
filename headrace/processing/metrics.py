"""Whether metrics of batches are written, in CloudWatch's embedded metric format."""

import os
from importlib.util import find_spec

from headrace.errors import SettingsError

_WRITER = "aws_lambda_powertools"


def are_written(setting: bool | None) -> bool:
    """Return whether they are.

    Args:
        setting: `HEADRACE_EMF_METRICS`. None: only inside AWS Lambda, if what writes them is there.

    Raises:
        SettingsError: they are asked for, but what writes them is not installed.
    """
    if setting is False or (setting is None and "AWS_LAMBDA_RUNTIME_API" not in os.environ):
        return False
    installed = find_spec(_WRITER) is not None
    if setting and not installed:
        raise SettingsError(
            "HEADRACE_EMF_METRICS=true: aws-lambda-powertools is not installed:"
            " pip install 'headrace[lambda]'"
        )
    return installed
