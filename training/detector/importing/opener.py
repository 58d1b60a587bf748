"""`urllib.request` that reads past interim responses, such as 103 Early Hints."""

import http.client
import urllib.request

from headrace.images.response import FinalResponse


class _HttpConnection(http.client.HTTPConnection):
    response_class = FinalResponse


class _HttpsConnection(http.client.HTTPSConnection):
    response_class = FinalResponse


class _HttpHandler(urllib.request.HTTPHandler):
    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_HttpConnection, request)


class _HttpsHandler(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_HttpsConnection, request)


def opener() -> urllib.request.OpenerDirector:
    """Return what opens http and https URLs, over redirects and the proxies of the environment."""
    return urllib.request.build_opener(_HttpHandler, _HttpsHandler)
