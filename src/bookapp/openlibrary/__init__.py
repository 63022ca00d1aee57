"""Open Library: its dumps as an offline catalogue, and, where the operator allows it, asking it for one book."""
