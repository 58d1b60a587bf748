"""Our runner as it is, on a real Kafka and on stand-ins for AWS, on the real clock."""
