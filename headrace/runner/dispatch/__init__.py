"""Which batch is handed out next, and how far each partition is done."""
