"""What `make` does with the words that it is given; `make help` names them."""

import json
import os
import subprocess
from pathlib import Path

import boto3
import pytest

from headrace.testing import aws_environment

ROOT = Path(__file__).parents[1]
# What sets environments up is tested elsewhere, and takes minutes.
READY = [
    word
    for target in (".venv/demo", ".venv/training", ".venv-deploy/tools")
    for word in ("--old-file", target)
]
BUCKET = {"Type": "AWS::S3::Bucket"}


def make(*words, **options):
    command = ["make", "--no-print-directory", *READY, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, **options)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rollback",), "MODEL= is missing"),  # or else a training would begin
        (("logs",), "FUNCTION= is missing"),
        (("invoke", "FUNCTION=tumor-classifier"), "EVENT= or URL= is missing"),
        (("train", "DETECTOR=digit"), "DETECTOR is objects or digits, not digit"),
    ],
)
def test_what_lacks_a_word_or_has_a_wrong_one_does_nothing(words, told):
    done = make("--dry-run", *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert not done.stdout.strip()


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("rollback", "MODEL=tumor"), 'value="tumor"'),
        (("rollback", "MODEL=tumor", "VERSION=3f9a"), 'value="tumor 3f9a"'),
        (("train", "DETECTOR=digits"), "-m training detector"),
        (("train",), "-m training objects"),
        (("produce", "FILE=my orders.jsonl"), "--file 'my orders.jsonl'"),
        (("clean",), "rm -rf .aws-sam .venv .venv-* var"),
    ],
)
def test_words_become_arguments(words, command):
    assert command in make("--dry-run", *words).stdout


def test_a_tree_without_a_commit_is_not_deployed(tmp_path):
    done = make("deploy", "SAM=echo sam", env=os.environ | {"GIT_DIR": str(tmp_path)})
    assert done.returncode
    assert (
        done.stdout
        == "What is deployed trains from a commit: this tree is no clone of git with one\n"
    )


@pytest.mark.kinesis
class TestDestroy:
    @pytest.fixture
    def environ(self, moto_server, tmp_path):
        return os.environ | aws_environment(moto_server) | {"HOME": str(tmp_path)}

    @pytest.fixture
    def buckets(self, moto_server):
        """A stack with two buckets that hold two versions of an object each."""
        options = {"endpoint_url": moto_server, "region_name": "us-east-1"}
        options |= {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        stack = boto3.resource("cloudformation", **options).create_stack(
            StackName="made", TemplateBody=json.dumps({"Resources": {"A": BUCKET, "B": BUCKET}})
        )
        names = [one.physical_resource_id for one in stack.resource_summaries.all()]
        buckets = [boto3.resource("s3", **options).Bucket(name) for name in names]
        for bucket in buckets:
            bucket.Versioning().enable()
        for bucket in buckets * 2:
            bucket.put_object(Key="report", Body=b"")
        yield buckets
        for bucket in buckets:
            bucket.object_versions.delete()
        stack.delete()

    def held(self, buckets):
        return [len(list(bucket.object_versions.all())) for bucket in buckets]

    def test_every_bucket_is_emptied_and_the_stack_deleted(self, buckets, environ):
        done = make("destroy", "STACK=made", "SAM=echo sam", input="y\n", env=environ)
        assert done.returncode == 0, done.stderr
        assert "sam delete --no-prompts --stack-name made" in done.stdout
        assert self.held(buckets) == [0, 0]

    @pytest.mark.parametrize("answer", ["n\n", "\n", ""])
    def test_nothing_goes_without_a_yes(self, buckets, environ, answer):
        done = make("destroy", "STACK=made", "SAM=echo sam", input=answer, env=environ)
        assert done.returncode == 2
        assert "sam delete" not in done.stdout
        assert self.held(buckets) == [2, 2]

    def test_a_stack_that_is_not_there_is_told_in_a_line(self, environ):
        done = make("destroy", "STACK=other", "SAM=echo sam", input="y\n", env=environ)
        assert "the buckets of other cannot be emptied" in done.stderr
        assert "Traceback" not in done.stderr
        assert "sam delete" not in done.stdout
