"""An HTTP response after all that servers may say before it."""

import http.client
from http import HTTPStatus

_MAX_INTERIM = 20


class FinalResponse(http.client.HTTPResponse):
    """A response that reads past interim ones, such as 103 Early Hints, to the final status.

    `http.client` does so for 100 Continue alone, and takes any other for the answer.
    """

    def begin(self) -> None:
        """Read the heads of interim responses and of the final one.

        Raises:
            HTTPException: if that is no HTTP, or has too many interim responses.
        """
        for _ in range(_MAX_INTERIM):
            super().begin()
            if self.status >= HTTPStatus.OK or self.status == HTTPStatus.SWITCHING_PROTOCOLS:
                return
            self.headers = None  # type: ignore[assignment]  # or `begin` would do nothing
        raise http.client.HTTPException(f"more than {_MAX_INTERIM} interim responses")
