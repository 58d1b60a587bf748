"""Test messages in the frames that `headrace.payloads` reads."""
