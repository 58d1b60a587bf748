"""The Kinesis side: the shards of a stream, their readers and their checkpoints."""
