"""Serving: one process owns the socket and looks after the workers, each of which is one Hypercorn event loop."""
