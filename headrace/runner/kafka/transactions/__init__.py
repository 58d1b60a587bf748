"""Results and the positions of their records in one transaction of Kafka."""
