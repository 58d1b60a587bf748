"""What a model is, on disk and in memory: a verified store of versions, and how to serve them."""
