"""Requests to the classifier over HTTP, and its problems."""

import base64
import json


def http(body, *, encoded=False):
    """A request as a function URL hands it on."""
    if encoded:
        body = base64.b64encode(body.encode()).decode()
    return {
        "version": "2.0",
        "requestContext": {"http": {"method": "POST", "path": "/"}, "requestId": "r"},
        "headers": {"content-type": "application/json"},
        "body": body,
        "isBase64Encoded": encoded,
    }


def problem(response):
    """What the answer to a wrong request says."""
    assert response["statusCode"] == 400
    assert response["headers"]["content-type"] == "application/problem+json"
    document = json.loads(response["body"])
    assert document["status"] == 400
    return document
