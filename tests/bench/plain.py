"""The plain way, for comparison: Quart, ORM entities with eager loading, SQLAlchemy's default engine, jsonify."""

import os

from quart import Quart, jsonify, request
from quart.wrappers import Response
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    book_count: Mapped[int]


class Contribution(Base):
    __tablename__ = "contribution"
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"), primary_key=True)


class Subject(Base):
    __tablename__ = "subject"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    book_count: Mapped[int]


class FacetCount(Base):
    __tablename__ = "facet_count"
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    book_count: Mapped[int]


class BookSubject(Base):
    __tablename__ = "book_subject"
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"), primary_key=True)


class Series(Base):
    __tablename__ = "series"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    year: Mapped[int | None]
    language: Mapped[str | None]
    pages: Mapped[int | None]
    isbn: Mapped[str | None]
    rating_average: Mapped[float | None]
    rating_count: Mapped[int]
    version: Mapped[int]
    deleted_at: Mapped[str | None]
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    series_position: Mapped[str | None]
    authors: Mapped[list[Author]] = relationship(secondary="contribution")
    subjects: Mapped[list[Subject]] = relationship(secondary="book_subject")
    series: Mapped[Series | None] = relationship()


def create_app() -> Quart:
    app = Quart("plain")
    engine = create_async_engine(os.environ["PLAIN_URL"])
    sessions: async_sessionmaker[AsyncSession] = async_sessionmaker(engine, expire_on_commit=False)
    everything = (selectinload(Book.authors), selectinload(Book.subjects), selectinload(Book.series))

    def shown(book: Book) -> dict[str, object]:
        return {
            "id": book.id,
            "title": book.title,
            "authors": [{"id": a.id, "name": a.name} for a in book.authors],
            "year": book.year,
            "language": book.language,
            "pages": book.pages,
            "isbn": book.isbn,
            "subjects": [s.name for s in book.subjects],
            "series": {"id": book.series.id, "name": book.series.name, "position": book.series_position}
            if book.series
            else None,
            "rating": {"average": book.rating_average, "count": book.rating_count},
            "version": book.version,
        }

    @app.get("/healthz")
    async def healthz() -> str:
        return "ok"

    @app.get("/books")
    async def books() -> Response:
        limit = request.args.get("limit", 40, type=int)
        async with sessions() as session:
            query = select(Book).where(Book.deleted_at.is_(None)).order_by(Book.id.desc()).limit(limit)
            rows = (await session.scalars(query.options(*everything))).all()
            authors = (await session.scalars(select(Author).order_by(Author.book_count.desc()).limit(8))).all()
            subjects = (await session.scalars(select(Subject).order_by(Subject.book_count.desc()).limit(14))).all()
            counts = (await session.scalars(select(FacetCount))).all()
        facets = {
            "author": [{"value": a.id, "label": a.name, "count": a.book_count} for a in authors],
            "subject": [{"value": s.name, "label": s.name, "count": s.book_count} for s in subjects],
            "other": [{"kind": c.kind, "value": c.value, "count": c.book_count} for c in counts],
        }
        return jsonify({"books": [shown(book) for book in rows], "facets": facets})

    @app.get("/books/<int:book_id>")
    async def book(book_id: int) -> Response:
        async with sessions() as session:
            row = (await session.scalars(select(Book).where(Book.id == book_id).options(*everything))).one()
        return jsonify(shown(row))

    return app
