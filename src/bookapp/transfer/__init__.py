"""Bringing catalogues in: one file for each format. Parsers are rules; writing goes through the rooms below."""
