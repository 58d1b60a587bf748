"""Two runs of one handler at a time share nothing; one after the other has it as it was."""

from headrace import Worker, lambda_handler
from headrace.runner.own_handler import own_handler
from headrace.testing.memory_sink import MemorySink


class Orders(Worker):
    is_open = True

    def process(self, record):
        return None

    def close(self):
        self.is_open = False


def test_a_second_run_at_a_time_has_a_worker_and_a_sink_of_its_own():
    handler = lambda_handler(Orders)
    with own_handler(handler) as first:
        assert first is handler
        first.sink = MemorySink()
        with own_handler(handler) as second:
            assert second.sink is None
            others = second.worker()
        assert first.worker().is_open
        assert not others.is_open


def test_the_next_run_has_the_handler_as_it_was():
    handler = lambda_handler(Orders)
    for _ in range(2):
        with own_handler(handler) as own:
            assert own is handler
            assert own.sink is None
            own.sink = MemorySink()
            worker = own.worker()
        assert not worker.is_open


def test_a_function_that_can_be_closed_is_closed():
    class Function:
        is_open = True

        def close(self):
            self.is_open = False

    function = Function()
    with own_handler(function) as own:
        assert own is function
    assert not function.is_open
    with own_handler(None) as nothing:
        assert nothing is None
