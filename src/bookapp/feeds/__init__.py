"""Atom feeds: of a shelf, of a person, and of what is recommended here."""
