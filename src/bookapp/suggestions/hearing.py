"""Hears what people do with their books: `app.py` plugs it in, since shelves know nothing of recommendations."""

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core.events import Changed
from bookapp.suggestions.outcome_actions import follow

NAMES = frozenset({"shelf-changed", "rating-changed"})


async def hear(db: AsyncSession, change: Changed) -> None:
    """Tell those who recommended a book what became of it, in the transaction in which that happened."""
    if change.name in NAMES and change.people and change.about_all:
        await follow(db, change.people, change.about_all)
