"""Having the cover of a book asked for outside."""

from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.openlibrary.cover_actions import want_cover
from bookapp.scanning.cover_queries import show_search
from bookapp.scanning.results import CoverSearch


async def search_cover(db: AsyncSession, book_id: int, *, is_online: bool) -> CoverSearch:
    """Have the cover of a book fetched soon, unless there is one, or nothing to ask for it by. Raises NotFound."""
    search = await show_search(db, book_id, is_online=is_online)
    if not search.is_offered:
        return search
    await want_cover(db, book_id)
    return await show_search(db, book_id, is_online=is_online)
