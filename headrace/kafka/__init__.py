"""What every Kafka client of the library shares: TLS and signing in."""
