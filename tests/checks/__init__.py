"""Fault and load checks: each script starts the shipped server, breaks something, and prints one line with a figure."""
