"""What happens to a batch: records kept apart, outcomes, results."""
