"""Every table of every room, so that migrations see the whole schema."""

from bookapp.accounts import models as accounts
from bookapp.books import models as books
from bookapp.core import chores
from bookapp.lists import models as lists
from bookapp.search import models as search
from bookapp.web import models as web

__all__ = ["accounts", "books", "chores", "lists", "search", "web"]
