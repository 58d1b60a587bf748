"""How a Kafka client proves to Amazon MSK who it is: a signed request in place of a password.

MSK takes, as the token of SASL/OAUTHBEARER, a presigned URL of the action `kafka-cluster:Connect`.
"""

import base64
import time
from typing import Any

import botocore.session
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

_SECONDS = 900


def token(credentials: ReadOnlyCredentials, region: str) -> str:
    """A token for the clusters of a region, good for 15 minutes."""
    request = AWSRequest(
        method="GET",
        url=f"https://kafka.{region}.amazonaws.com/",
        params={"Action": "kafka-cluster:Connect"},
    )
    SigV4QueryAuth(credentials, "kafka-cluster", region, expires=_SECONDS).add_auth(request)
    signed = f"{request.url}&User-Agent=headrace"
    return base64.urlsafe_b64encode(signed.encode()).decode().rstrip("=")


def client_settings(bootstrap: str, region: str) -> dict[str, Any]:
    """Settings of librdkafka for a client that uses the process's own AWS permissions."""

    def fresh_token(_config: str) -> tuple[str, float]:
        credentials = botocore.session.get_session().get_credentials()
        if credentials is None:
            raise RuntimeError("no AWS credentials to sign in to Amazon MSK with")
        return token(credentials.get_frozen_credentials(), region), time.time() + _SECONDS

    return {
        "bootstrap.servers": bootstrap,
        "security.protocol": "SASL_SSL",
        "sasl.mechanisms": "OAUTHBEARER",
        "oauth_cb": fresh_token,
    }
