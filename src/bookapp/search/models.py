"""The tables that both engines share. Their derived indexes are made by the migration."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import BigKey, Model
from bookapp.search.documents import LONGEST_WORD

BinaryString = String(LONGEST_WORD).with_variant(String(LONGEST_WORD, collation="C"), "postgresql")
"""Compared by code point on both databases, so that both order words alike."""


class SearchDocument(Model):
    """One findable thing, as folded words (`documents.folded`) with a space before and after. Its key is the book's id.

    The spaces make questions cheap: " war" begins a word of the text, and " war " is one.
    """

    __tablename__ = "search_document"
    id: Mapped[BigKey] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(Text)
    names: Mapped[str] = mapped_column(Text)
    more: Mapped[str] = mapped_column(Text)


class SearchWord(Model):
    """Every word that stands in a title or a name, once: what typing errors are compared with."""

    __tablename__ = "search_word"
    word: Mapped[str] = mapped_column(BinaryString, primary_key=True)


class SearchWordKey(Model):
    """Under which misspellings a word is looked for (`rules.keys_of`)."""

    __tablename__ = "search_word_key"
    key: Mapped[str] = mapped_column(BinaryString, primary_key=True)
    word: Mapped[str] = mapped_column(BinaryString, primary_key=True)

    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  # SQLAlchemy's own way to say it
