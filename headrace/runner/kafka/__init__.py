"""The Kafka side: a consumer group's member whose partitions are channels."""
