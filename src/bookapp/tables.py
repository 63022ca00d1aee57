"""Every table of every room, so that migrations see the whole schema."""

from bookapp.accounts import models as accounts
from bookapp.advice import models as advice
from bookapp.books import models as books
from bookapp.circles import models as circles
from bookapp.core import chores, outbox, place
from bookapp.imports import models as imports
from bookapp.jobs import models as jobs
from bookapp.lists import models as lists
from bookapp.openlibrary import models as openlibrary
from bookapp.recommender import models as recommender
from bookapp.search import models as search
from bookapp.shelves import models as shelves
from bookapp.statistics import models as statistics
from bookapp.suggestions import models as suggestions
from bookapp.web import models as web

__all__ = [
    "accounts",
    "advice",
    "books",
    "chores",
    "circles",
    "imports",
    "jobs",
    "lists",
    "openlibrary",
    "outbox",
    "place",
    "recommender",
    "search",
    "shelves",
    "statistics",
    "suggestions",
    "web",
]
