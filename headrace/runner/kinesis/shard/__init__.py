"""One shard: where it starts, how it is read, what it fed."""
