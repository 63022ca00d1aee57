"""bookapp: a self-hosted home for a group's books."""

from importlib.metadata import version

__version__ = version("bookapp")
"""Said once, in pyproject.toml."""
