"""What is given up must not go where it is read from; results that do are told of."""

import pytest

from headrace.errors import SettingsError
from headrace.runner import KinesisSource, MappingSettings, SqsSource, run
from tests.support.sqs.queues import Queue, run_until_idle, worker

SAME = "is the {0} that is read, {1}: what is written there would come again"


@pytest.mark.parametrize("name", ["on_failure_url", "dead_letter_url"])
@pytest.mark.parametrize("stream", ["orders", "arn:aws:kinesis:eu-west-1:1:stream/orders"])
def test_a_stream_takes_nothing_of_its_own_that_is_given_up(name, stream, tmp_path):
    source = KinesisSource(stream=stream, checkpoints=str(tmp_path / "c"), region="eu-west-1")
    settings = MappingSettings(**{name: "kinesis://orders?region=eu-west-1"})

    with pytest.raises(SettingsError, match=SAME.format("stream", "orders")):
        run(None, source, settings)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("name", "asynchronous"),
    [("dead_letter_url", False), ("on_failure_url", True), ("on_success_url", True)],
)
def test_a_queue_takes_nothing_of_its_own_that_is_given_up(name, asynchronous, aws):
    queue = Queue(aws("sqs"))
    given = {name: f"sqs://{queue.name}"}
    of_source = given if name in SqsSource.__struct_fields__ else {}
    source = SqsSource(queue=queue.url, asynchronous=asynchronous, **of_source)
    settings = MappingSettings(**({} if of_source else given))

    with pytest.raises(SettingsError, match=SAME.format("queue", queue.name)):
        run(None, source, settings)


def test_results_to_the_queue_that_is_read_are_told_of(aws, monkeypatch, capsys):
    queue = Queue(aws("sqs"))
    monkeypatch.setenv("HEADRACE_SINK_URL", f"sqs://{queue.name}")

    run_until_idle(worker(str), queue)

    assert "results go to where records are read" in capsys.readouterr().out
