"""The JSON of the service: what a function is sent, what it answers, how large it may be."""
