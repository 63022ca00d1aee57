"""bookapp: a self-hosted home for a group's books."""
