"""Small made-up data: clubs that like the same books, with authors, series and subjects to match."""

from array import array
from collections.abc import Iterable, Sequence

from bookapp.recommender.material import Material


def numbers(values: Iterable[int]) -> "array[int]":
    return array("i", values)


def made_up(
    ratings: Sequence[tuple[int, int, int]],
    books: int,
    *,
    authors: Sequence[int] = (),
    series: Sequence[int] = (),
    subjects: Sequence[Sequence[int]] = (),
) -> Material:
    """Ratings as reader, book, quarters; each book has an author of its own, no series and no subject unless told."""
    of_author = authors or range(books)
    pairs = [(book, subject) for book, own in enumerate(subjects) for subject in own]
    return Material(
        ids=array("q", range(1, books + 1)),
        series=numbers(series or [-1] * books),
        book_of_author=numbers(range(books)),
        author=numbers(of_author),
        book_of_subject=numbers(book for book, _subject in pairs),
        subject=numbers(subject for _book, subject in pairs),
        reader=numbers(reader for reader, _book, _quarters in ratings),
        book=numbers(book for _reader, book, _quarters in ratings),
        quarters=numbers(quarters for _reader, _book, quarters in ratings),
    )


def clubs(readers: int = 40, books: int = 24) -> Material:
    """Two clubs: of even readers, who like even books, and of odd ones; who likes what there is fixed, not drawn."""
    ratings = [
        (reader, book, 20 if (reader * 7 + book * 3) % 5 else 8)
        for reader in range(readers)
        for book in range(books)
        if book % 2 == reader % 2 and (reader * 5 + book * 11) % 7 < 4
    ]
    ratings += [(reader, (reader * 13) % books, 0) for reader in range(0, readers, 5)]
    once = {(reader, book): quarters for reader, book, quarters in ratings}
    return made_up(
        [(reader, book, quarters) for (reader, book), quarters in sorted(once.items())],
        books + 3,
        authors=[book // 3 for book in range(books + 3)],
        series=[book // 4 if book % 4 < 2 else -1 for book in range(books + 3)],
        subjects=[[book % 4, 4 + book % 3] for book in range(books + 3)],
    )
