"""The Kafka side: a consumer group member whose partitions are lanes."""
