"""Alembic's revisions, shipped inside the package so that a container can migrate itself."""
