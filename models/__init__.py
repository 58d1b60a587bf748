"""The two models: what each takes and gives."""
