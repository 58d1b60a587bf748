"""The protocol of a custom resource: CloudFormation asks, and waits for an answer at a URL."""

import logging
import urllib.request
from collections.abc import Callable
from typing import Any

import msgspec

_log = logging.getLogger(__name__)


def handle(event: dict[str, Any], act: Callable[[], str]) -> None:
    """Act, and answer whatever happens: without an answer a deployment hangs for an hour.

    Args:
        event: CloudFormation's request.
        act: does what is asked and returns the resource's identity.
    """
    answer = {
        "Status": "SUCCESS",
        "PhysicalResourceId": event.get("PhysicalResourceId", event["LogicalResourceId"]),
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    try:
        answer["PhysicalResourceId"] = act()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        _log.exception("%s of %s failed", event["RequestType"], event["LogicalResourceId"])
        answer |= {"Status": "FAILED", "Reason": f"{type(error).__name__}: {error}"[:1000]}
    _put(event["ResponseURL"], msgspec.json.encode(answer))


def _put(url: str, body: bytes) -> None:
    request = urllib.request.Request(url, data=body, method="PUT")  # noqa: S310 - CloudFormation's
    request.add_header("Content-Type", "")  # part of what CloudFormation signed
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310
        pass
