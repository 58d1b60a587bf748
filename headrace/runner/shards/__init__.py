"""A stream of shards, whoever keeps it: readers, checkpoints, parents before their children."""
