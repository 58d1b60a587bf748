"""The deployed stack's own template, run on a broker."""

import json
import os
import subprocess
import sys
from pathlib import Path

from confluent_kafka import Producer

from headrace.sinks import lines
from headrace.testing.mock_cluster import embedded_kafka

ROOT = Path(__file__).parents[4]


def test_the_stack_s_consumer_reads_its_topic_through_its_filter(tmp_path):
    results = tmp_path / "results.jsonl"
    pattern = json.dumps({"value": {"kind": ["tumor"], "size": [{"numeric": [">", 5]}]}})
    with embedded_kafka({"tumors": 2}) as broker:
        producer = Producer({"bootstrap.servers": broker, "log_level": 0})
        for size in range(10):
            for kind in ("tumor", "other"):
                value = json.dumps({"kind": kind, "size": size})
                producer.produce("tumors", value, key=str(size))
        assert producer.flush(30) == 0
        command = [sys.executable, "-m", "headrace", "run", "template.yaml", "MskConsumer"]
        command += ["--kafka", broker, "--on-failure-url", f"file:{tmp_path}/failed.jsonl"]
        command += ["--parameter", f"MskFilterPattern={pattern}"]
        command += ["--parameter", f"SinkUrl=file:{results}", "--stop-when-idle", "2"]
        environment = {
            name: value for name, value in os.environ.items() if name != "HEADRACE_SINK_URL"
        }
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
    assert done.returncode == 0, done.stderr
    passed = [json.loads(lines.decode(line).value) for line in results.read_bytes().splitlines()]
    assert sorted(record["size"] for record in passed) == [6, 7, 8, 9]
    assert {record["kind"] for record in passed} == {"tumor"}
    assert not (tmp_path / "failed.jsonl").exists() or not (tmp_path / "failed.jsonl").read_bytes()
