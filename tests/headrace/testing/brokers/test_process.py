"""Server processes start, end, and never outlive the process that wanted them."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from headrace.testing.brokers.process import (
    BrokerError,
    Service,
    command_of,
    free_ports,
    is_free,
    stop_by_pid,
    tail,
)

ROOT = Path(__file__).resolve().parents[4]


def answer_forever(port: int) -> list[str]:
    return [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]


def listens(port: int) -> bool:
    return not is_free(port)


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_service_dies_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    port = free_ports()
    program = (
        "import sys, time; from pathlib import Path\n"
        "from headrace.testing.brokers.process import Service\n"
        f"s = Service({answer_forever(port)!r}, Path({str(tmp_path / 'log')!r}))\n"
        "time.sleep(300)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT)
    try:
        assert eventually(lambda: listens(port))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert eventually(lambda: is_free(port))


@pytest.mark.parametrize("end", [Service.stop, Service.kill])
def test_an_ended_service_is_gone_when_the_call_returns(
    end: Callable[[Service], None], tmp_path: Path
) -> None:
    port = free_ports()
    service = Service(answer_forever(port), tmp_path / "log")
    service.wait_until(lambda: listens(port), 30)
    end(service)
    assert is_free(port)
    end(service)


def test_a_service_that_ends_early_is_reported_with_its_output(tmp_path: Path) -> None:
    service = Service([sys.executable, "-c", "print('no such luck'); exit(3)"], tmp_path / "log")
    with pytest.raises(BrokerError, match=r"ended \(3\)(.|\n)*no such luck"):
        service.wait_until(lambda: False, 30)


def test_a_service_that_never_answers_is_ended(tmp_path: Path) -> None:
    service = Service([sys.executable, "-c", "import time; time.sleep(300)"], tmp_path / "log")
    with pytest.raises(BrokerError, match=r"did not answer in 0\.2 s"):
        service.wait_until(lambda: False, 0.2)
    assert command_of(service.pid) == ""


def test_a_background_service_is_stopped_by_its_number(tmp_path: Path) -> None:
    port = free_ports()
    service = Service(answer_forever(port), tmp_path / "log", leashed=False)
    try:
        service.wait_until(lambda: listens(port), 30)
        assert "http.server" in command_of(service.pid)
        stop_by_pid(service.pid)
        assert is_free(port)
    finally:
        service.kill()


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert tail(log) == ""
    log.write_text("".join(f"{line}\n" for line in range(100)))
    assert tail(log, 2) == "98\n99\n"
