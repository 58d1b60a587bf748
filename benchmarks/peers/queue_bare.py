"""What a user would write on boto3: at least once, ten messages at a time."""

import os

import boto3

from benchmarks.peers.stream import Job


def main() -> None:
    """Receive until the last message."""
    client, url, job = boto3.client("sqs"), os.environ["QUEUE_URL"], Job()
    finished = False
    while not finished:
        answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5)
        messages = answer.get("Messages", ())
        for message in messages:
            finished = job.handle(message["Body"].encode())
        if messages:
            client.delete_message_batch(
                QueueUrl=url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(messages)
                ],
            )


main()
