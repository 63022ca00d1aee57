"""The table that both engines index. Its derived indexes are made by the migration."""

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import Model


class SearchDocument(Model):
    """One findable thing, as folded words (`core.text.fold`). Its key is the book's id."""

    __tablename__ = "search_document"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(Text)
    names: Mapped[str] = mapped_column(Text)
    more: Mapped[str] = mapped_column(Text)


class SearchWord(Model):
    """Every word that stands in a title or a name, once: what typing errors are compared with."""

    __tablename__ = "search_word"
    word: Mapped[str] = mapped_column(String(40), primary_key=True)
