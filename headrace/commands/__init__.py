"""The subcommands of `headrace`, one file each."""
