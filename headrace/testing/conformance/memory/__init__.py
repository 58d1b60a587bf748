"""Our runner on sources in memory, on a clock that moves while it waits."""
