"""An HTTP request as the event of an API Gateway HTTP API, for a function that takes events."""

import base64
import time
from typing import Any
from urllib.parse import parse_qsl

from headrace.request import ClientCertificate
from headrace.web.head import Head, joined


def http_event(head: Head, body: bytes) -> dict[str, Any]:
    """Return the event, in the payload format 2.0: the worker takes it as API Gateway's."""
    headers = joined(head.headers)
    headers.pop("cookie", None)
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": head.path,
        "rawQueryString": head.query,
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "headrace",
            "domainName": headers.get("host", ""),
            "http": {
                "method": head.method,
                "path": head.path,
                "protocol": head.protocol,
                "sourceIp": head.client,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": head.request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if head.certificate:
        event["requestContext"]["authentication"] = {"clientCert": _shown(head.certificate)}
    if cookies := head.values("cookie"):
        event["cookies"] = [cookie.strip() for cookie in ";".join(cookies).split(";")]
    if head.query:
        event["queryStringParameters"] = joined(parse_qsl(head.query, keep_blank_values=True))
    if body:
        event["body"], event["isBase64Encoded"] = _body(body)
    return event


def _shown(certificate: ClientCertificate) -> dict[str, Any]:
    return {
        "clientCertPem": certificate.pem,
        "subjectDN": certificate.subject,
        "issuerDN": certificate.issuer,
        "serialNumber": certificate.serial_number,
        "validity": {"notBefore": certificate.not_before, "notAfter": certificate.not_after},
    }


def _body(data: bytes) -> tuple[str, bool]:
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(data).decode(), True
