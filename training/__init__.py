"""What makes the artifacts that the workers serve: one file per job."""
