"""A real Redis for tests: one a session, on a loopback port."""

import shutil
from collections.abc import Iterator

import pytest
from redis import Redis
from redis.exceptions import RedisError

from headrace.testing.brokers.process import Service, free_ports


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address, as HOST:PORT."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("Redis is not installed: apt-get install redis-server")
    folder = tmp_path_factory.mktemp("redis")
    port = free_ports()
    server = Service(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""],
        folder / "log",
    )
    try:
        server.wait_until(lambda: _answers(port), 30)
        yield f"127.0.0.1:{port}"
    finally:
        server.kill()


def _answers(port: int) -> bool:
    try:
        with Redis(port=port) as client:
            return bool(client.ping())
    except RedisError:
        return False
