"""The object detector on a stream."""

import base64
import json

import pytest


def kafka_event(*values, key=None):
    records = [
        {
            "topic": "images",
            "partition": 0,
            "offset": offset,
            "timestamp": 1,
            "timestampType": "CREATE_TIME",
            "value": base64.b64encode(json.dumps(value).encode()).decode(),
            "headers": [],
        }
        for offset, value in enumerate(values)
    ]
    return {
        "eventSource": "SelfManagedKafka",
        "bootstrapServers": "localhost:9092",
        "records": {"images-0": records},
    }


def test_on_a_stream_detections_go_to_the_sink_and_failures_stay_alone(handler, server, sink):
    """One can never work (dead letter), one may work later (delivered again), two work."""
    event = kafka_event(
        {"url": f"{server}/white.png"},
        {"url": f"{server}/text"},
        {"url": f"{server}/status/503"},
        {"url": f"{server}/grey.png", "max_detections": 1},
    )
    response = handler(event)
    failed = [item["itemIdentifier"]["offset"] for item in response["batchItemFailures"]]
    assert failed == [2]
    results = [json.loads(line)["value"] for line in sink.read_text().splitlines()]
    best = [result["detection_scores"][0] for result in results]
    assert best == pytest.approx([0.9, 0.9 * 128 / 255])
    (dead,) = sink.with_name(f"{sink.name}.dead").read_text().splitlines()
    assert "not a JPEG" in dead
