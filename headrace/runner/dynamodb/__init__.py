"""The DynamoDB side: the stream of a table's changes, its shards, and records of them."""
