"""What a run was told, and by whom."""
