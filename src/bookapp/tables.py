"""Every table of every room, so that migrations see the whole schema."""

from bookapp.books import models as books
from bookapp.search import models as search
from bookapp.web import models as web

__all__ = ["books", "search", "web"]
