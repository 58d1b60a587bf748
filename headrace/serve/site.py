"""Which path is what: the workers' own, and the server's."""

from collections.abc import Callable, Sequence

from headrace.log import Log
from headrace.runner.protocol.runtime_interface import INVOCATIONS
from headrace.serve.metrics import ServeMetrics
from headrace.serve.models.routes import ModelPages
from headrace.serve.openapi.routes import openapi_routes
from headrace.serve.service import Service
from headrace.serve.settings import ServeSettings
from headrace.serve.v2.routes import InferenceProtocol
from headrace.web.answer import Answer
from headrace.web.head import Head
from headrace.web.page.assets import page_routes
from headrace.web.route import Left, Respond, Route


class Found:
    """A route, and whose it is in the metrics."""

    __slots__ = ("route", "worker")

    def __init__(self, route: Route, worker: str = "") -> None:
        self.route = route
        self.worker = worker


class Site:
    """All paths but those of the probes.

    A worker alone that has no endpoint gets every path but that of the metrics. Else there are
    the workers' paths, and what the server tells of them.

    Args:
        services: The workers.
        metrics: What is counted.
        log: Is told of calls that failed.
        settings: How they are served.
        is_ready: Whether the server takes requests.
    """

    def __init__(
        self,
        services: Sequence[Service],
        metrics: ServeMetrics,
        log: Log,
        settings: ServeSettings,
        is_ready: Callable[[], bool],
    ) -> None:
        self._only = services[0] if len(services) == 1 else None
        self._takes_invocations = settings.serve_invocations
        self._protocol = InferenceProtocol(services, is_ready, log)
        self._routes = {"/metrics": Found(Route("GET", _page(metrics)))}
        described = [one for one in services if one.endpoint]
        for service in described:
            route = Route("POST", service.request)
            self._routes[service.endpoint.path] = Found(route, service.name)  # type: ignore[union-attr]
        self.paths = sorted(one.endpoint.path for one in described if one.endpoint)
        self._models = ModelPages(described, may_roll_back=settings.serve_rollback)
        self._has_pages = bool(described)
        if described:
            routes = openapi_routes(described, self._protocol) | page_routes("models")
            self._routes |= {path: Found(route) for path, route in routes.items()}

    def find(self, head: Head) -> Found | None:
        """Return what answers a request; None if nothing does."""
        only = self._only
        if only and self._takes_invocations and head.path == INVOCATIONS:
            return Found(Route(head.method, _invocation(only)), only.name)
        found = self._routes.get(head.path)
        if found is None and self._has_pages:
            route = self._protocol.route(head.path) or self._models.route(head.path)
            found = Found(route) if route else None
        is_asked = head.path == "/" and head.method not in {"GET", "HEAD"}  # not the page
        if only and (found is None or is_asked):
            return Found(Route(head.method, only.request), only.name)
        return found


def _invocation(service: Service) -> Respond:
    async def respond(head: Head, body: bytes, left: Left) -> Answer:
        del head
        return await service.invocation(body, left)

    return respond


def _page(metrics: ServeMetrics) -> Respond:
    async def respond(head: Head, body: bytes, left: Left) -> Answer:
        del body, left
        return metrics.page(head)

    return respond
