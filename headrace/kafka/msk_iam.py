"""How a Kafka client proves to Amazon MSK who it is: a signed request in place of a password.

MSK takes, as the token of SASL/OAUTHBEARER, a presigned URL of the action `kafka-cluster:Connect`.
"""

import base64
import re
import time
from typing import Any

import botocore.session
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from headrace.errors import SettingsError

_SECONDS = 900
_HOST = re.compile(r"\.kafka(?:-serverless)?\.([a-z0-9-]+)\.amazonaws\.")


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


def region_of(bootstrap: str) -> str | None:
    """The region in the names of a cluster's brokers, else AWS's own variables' and files'."""
    found = _HOST.search(bootstrap)
    if found:
        return found[1]
    region: str | None = botocore.session.get_session().get_config_variable("region")
    return region


def client_settings(region: str) -> dict[str, Any]:
    """Settings of librdkafka for a client that uses the process's own AWS permissions.

    Raises:
        SettingsError: The process has none.
    """
    credentials = botocore.session.get_session().get_credentials()
    if credentials is None:
        raise SettingsError("there are no AWS credentials to sign in to Amazon MSK with")

    def fresh_token(_config: str) -> tuple[str, float]:
        # They renew themselves when they expire.
        return token(credentials.get_frozen_credentials(), region), time.time() + _SECONDS

    return {
        "security.protocol": "SASL_SSL",
        "sasl.mechanisms": "OAUTHBEARER",
        "oauth_cb": fresh_token,
    }
