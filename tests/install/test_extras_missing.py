"""Without its extra, one line says what to install."""

import pytest

pytestmark = pytest.mark.slow(seconds=3)  # environments are made


KAFKA = ("run", "doubler", "--kafka", "127.0.0.1:1", "--topic", "t")
PRODUCE = ("produce", "--to", "kafka://h:1/t", "--file", "numbers.jsonl")
REGISTRY = ("--schema-registry-url", "http://127.0.0.1:1")
CHECKED = ("--schema-validation-attributes", "VALUE")


@pytest.mark.parametrize(
    ("installed", "command", "extra"),
    [
        ("", KAFKA, "kafka"),
        ("", PRODUCE, "kafka"),
        ("", ("dead-letters", "list", "kafka://h:1/t"), "kafka"),
        ("", ("kafka", "start"), "kafka"),
        ("", ("run", "doubler", "--kinesis", "s", "--region", "us-east-1"), "aws"),
        ("", ("produce", "--to", "kinesis://s", "--file", "numbers.jsonl"), "aws"),
        ("", ("produce", "--to", "sqs://q", "--file", "numbers.jsonl"), "aws"),
        ("", ("produce", "--to", "sns://t", "--file", "numbers.jsonl"), "aws"),
        ("", ("produce", "--to", "s3://b/p", "--file", "numbers.jsonl"), "aws"),
        ("", ("dead-letters", "list", "sqs://q"), "aws"),
        ("", ("dead-letters", "list", "s3://b/p"), "aws"),
        ("kafka", (*KAFKA, "--sasl-mechanism", "AWS_MSK_IAM", "--region", "eu-west-1"), "aws"),
        ("kafka", ("run", *KAFKA[2:], "--group", "g", "--function", "doubler"), "aws"),
        ("", ("run", "template.yaml", "--dry-run"), "sam"),
        ("", ("serve", "doubler"), "serve"),
        ("", ("serve", "doubler", "--reload"), "reload"),
        ("", ("models", "keygen", "signing.pem"), "signing"),
        ("kafka", (*KAFKA, "--http-port", "0"), "metrics"),
        ("kafka", (*KAFKA, "--progress"), "progress"),
        ("kafka", (*KAFKA, "--value-frame", "confluent", *REGISTRY), "schemas"),
        ("kafka", (*KAFKA, "--event-record-format", "JSON", *CHECKED, *REGISTRY), "schemas"),
        ("kafka", (*PRODUCE, "--avro", "order.avsc", *REGISTRY), "schemas"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_what_lacks_its_extra_says_so_in_one_line(environment, folder, installed, command, extra):
    done = environment(installed).headrace(*command, at=folder)
    assert done.returncode == 1, done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("headrace: ")
    assert line.endswith(f"is not installed: pip install 'headrace[{extra}]'")


def test_a_worker_that_lacks_an_extra_says_so_in_one_line(environment, folder):
    (folder / "pictures.py").write_text("import PIL")
    done = environment("").headrace("invoke", "pictures", "--url", "https://h/", at=folder)
    assert done.stderr == (
        "headrace: cannot load pictures: pictures.py, line 1: PIL is not installed:"
        " pip install 'headrace[images]'\n"
    )
