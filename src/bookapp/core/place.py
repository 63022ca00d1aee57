"""Which place this is: a word that no other one has. It lies in the database, so a backup that is restored keeps it."""

import secrets

from sqlalchemy import SmallInteger, String, select
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import Database, Model
from bookapp.core.sql import upsert


class Place(Model):
    """One row, made when somebody first asks."""

    __tablename__ = "place"
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(String(32))


async def word_of(database: Database) -> str:
    """The word of this place. It is no secret: whoever takes their things along takes it along, too."""
    async with database.reading() as db:
        word: str | None = await db.scalar(select(Place.word))
    if word is not None:
        return word
    async with database.writing() as db:
        await db.execute(upsert(db, Place).values(id=1, word=secrets.token_hex(16)).on_conflict_do_nothing())
        made: str | None = await db.scalar(select(Place.word))
    assert made is not None
    return made
