"""Imports: what a person brings along in a file from another place: looked at, put in, handed back where it failed."""
