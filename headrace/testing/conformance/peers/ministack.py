"""MiniStack's mappings.

One thread of a server polls all its mappings, one after the other: they hold each other up. So each
requirement has a server for itself while it is run, and several are run at once, for they wait.
"""

from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

import boto3

from headrace.testing.conformance.observed import Observed
from headrace.testing.conformance.peers.aws import AwsAdapter
from headrace.testing.conformance.peers.callback import CallbackServer
from headrace.testing.conformance.requirement import Requirement
from headrace.testing.conformance.stand_ins.ministack import MiniStackServer

# It polls each second, and waits for one after a failure; a function takes a moment to start.
_QUIET_SECONDS = 5.0


class MiniStack:
    """Starts servers as they are needed, and runs requirements on them."""

    name = "MiniStack"
    at_once = 12

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="ministack-", ignore_cleanup_errors=True)
        self._callback = CallbackServer().__enter__()
        self._servers: list[MiniStackServer] = []
        self._free: SimpleQueue[AwsAdapter] = SimpleQueue()

    def run(self, requirement: Requirement) -> Observed:
        """Run a requirement on a server that does nothing else meanwhile. Raises Unsupported."""
        try:
            adapter = self._free.get_nowait()
        except Empty:
            adapter = self._start()
        try:
            return adapter.run(requirement)
        finally:
            self._free.put(adapter)

    def close(self) -> None:
        """End them all."""
        for server in self._servers:
            server.kill()
        self._callback.__exit__(None, None, None)
        self._folder.cleanup()

    def _start(self) -> AwsAdapter:
        server = MiniStackServer(Path(self._folder.name))
        self._servers.append(server)
        session = boto3.Session(  # each thread opens clients: not all on the default session
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - of a stand-in
        )

        @cache
        def client(service: str) -> Any:
            make: Any = session.client
            return make(service, endpoint_url=server.endpoint)

        return AwsAdapter(self.name, client, self._callback, polls=True, quiet=_QUIET_SECONDS)
