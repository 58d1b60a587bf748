"""Containers that run as Lambda would: read-only, not root, under a memory limit."""

import http.client
import json
import socket
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace.testing.brokers.process import free_ports
from tests.support.containers.podman import Podman

MODELS = "/mnt/models"
_LIMITS = (
    *("--network", "host", "--read-only", "--tmpfs", "/tmp:size=64m", "--pids-limit", "64"),
    *("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", "10001"),
)


class Container:
    """One container of an image; use it in a `with` statement, which removes it at the end.

    Args:
        image: which of the four: "stream", "classifier", "detector", "training".
        command: what to run instead of the image's own command.
        environ: its variables.
        mounts: `HOST:CONTAINER:ro` and the like.
        memory: the limit, in MB; without swap.
        options: further options of `podman run`.
    """

    def __init__(
        self,
        podman: Podman,
        image: str,
        *command: str,
        environ: Mapping[str, str] | None = None,
        mounts: tuple[str, ...] = (),
        memory: int = 512,
        options: tuple[str, ...] = (),
    ) -> None:
        self.podman = podman
        self.name = f"headrace-test-{uuid.uuid4().hex[:12]}"
        limit = f"{memory}m"
        self._arguments = [
            *("run", "--detach", "--name", self.name, *_LIMITS),
            *("--memory", limit, "--memory-swap", limit, *options),
            *(option for pair in (environ or {}).items() for option in ("--env", "=".join(pair))),
            *(option for mount in mounts for option in ("--volume", mount)),
            *(f"headrace-{image}", *command),
        ]

    def __enter__(self) -> "Container":
        self.podman(*self._arguments)
        return self

    def __exit__(self, *_: object) -> None:
        self.podman("rm", "--force", "--time", "0", self.name)

    def logs(self) -> str:
        """What it has written so far, standard error included."""
        return self.podman("logs", self.name)

    def lines(self) -> list[dict[str, Any]]:
        """What it has logged as JSON."""
        return [json.loads(line) for line in self.logs().splitlines() if line.startswith("{")]

    def said(self, message: str, seconds: float = 120) -> dict[str, Any]:
        """The first line it logs with that message, waited for."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in self.lines():
                if line.get("message") == message:
                    return line
            time.sleep(0.2)
        raise AssertionError(f"no {message!r} within {seconds} s:\n{self.logs()[-3000:]}")

    def run(self, *command: str) -> str:
        """What a command inside it prints."""
        return self.podman("exec", self.name, *command)

    def stop(self, seconds: int = 20) -> int:
        """Send SIGTERM, and SIGKILL after so many seconds; returns the exit status."""
        self.podman("stop", "--time", str(seconds), self.name)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end; returns the exit status."""
        return int(self.podman("wait", self.name))


class Function(Container):
    """A container behind the runtime interface emulator, which takes one invocation at a time.

    Args:
        handler: module and attribute, `workers.msk_consumer.handler`.
        models: the folder to mount, read-only, as the model store.
        environ, mounts, settings: those of Container.
    """

    def __init__(
        self,
        podman: Podman,
        image: str,
        handler: str,
        *,
        models: Path | None = None,
        environ: Mapping[str, str] | None = None,
        mounts: tuple[str, ...] = (),
        **settings: Any,
    ) -> None:
        self.port = free_ports(2)
        mounts = (*mounts, f"{podman.emulator}:/rie:ro")
        if models is not None:
            mounts = (*mounts, f"{models}:{MODELS}:ro")
        super().__init__(
            podman,
            image,
            *("--runtime-interface-emulator-address", f"127.0.0.1:{self.port}"),
            *("--runtime-api-address", f"127.0.0.1:{self.port + 1}"),
            *("python3", "-m", "awslambdaric", handler),
            environ={"AWS_LAMBDA_FUNCTION_TIMEOUT": "60", **(environ or {})},
            mounts=mounts,
            options=("--entrypoint", "/rie"),
            **settings,
        )

    def __enter__(self) -> "Function":
        super().__enter__()
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return self

    def invoke(self, event: Any) -> Any:
        """The function's answer; an error of its own is a document with `errorType`."""
        status, body = self.post(event)
        if status != 200:
            raise AssertionError(f"{status}: {body!r}\n{self.logs()}")
        return json.loads(body)

    def post(self, event: Any) -> tuple[int, bytes]:
        """Invoke; returns the emulator's status and the body as it came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        try:
            connection.request(
                "POST", "/2015-03-31/functions/function/invocations", json.dumps(event)
            )
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
