"""Real Kafka brokers for development and tests: from jars, or by Docker Compose."""
