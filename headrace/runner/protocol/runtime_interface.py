"""The Lambda runtime interface as the emulator speaks it, and `headrace serve` does, too."""

INVOCATIONS = "/2015-03-31/functions/function/invocations"
"""The path that takes events."""
