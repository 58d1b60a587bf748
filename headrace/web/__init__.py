"""An HTTP server inside this process, by Granian: for workers that are served, and for probes."""
