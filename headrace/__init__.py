"""The command line: the only place that knows the concrete workers and jobs."""
