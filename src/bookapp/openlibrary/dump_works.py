"""From a work and its editions to a book: which edition speaks for it, and which works are wanted at all."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bookapp.books import rules
from bookapp.books.bulk import BookRecord
from bookapp.core.text import sort_key
from bookapp.openlibrary.dump_facts import MOST_COVERS, EditionFacts, WorkFacts
from bookapp.openlibrary.workfile import WorkFile

UNKNOWN_AUTHOR = "Unknown"
MOST_EDITIONS = 200
"""Of the books with thousands of editions, so many are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which works are put in."""

    languages: tuple[str, ...] = ()
    """Only those with an edition in one of them."""
    with_isbn: bool = False
    min_editions: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """A work that is wanted: the book, its editions, and the keys that lead to it."""

    record: BookRecord
    editions: tuple[tuple[str, EditionFacts], ...]
    """Each ISBN once, with the edition that has it."""
    former: tuple[str, ...]
    same_name: int | None
    """The book of the catalogue that has its title and its author."""
    cover: int | None
    """The number of its picture."""


def next_works(file: WorkFile, after: int, limit: int, wanted: Wanted) -> tuple[list[Work], int, int]:
    """Those wanted of the next `limit` works; the last number that was looked at; how many were."""
    rows = file.works_after(after, limit)
    if not rows:
        return [], after, 0
    first, last = rows[0][0], rows[-1][0]
    editions: defaultdict[int, list[EditionFacts]] = defaultdict(list)
    counts: Counter[int] = Counter()
    for number, told in file.editions_between(first, last):
        counts[number] += 1
        if counts[number] <= MOST_EDITIONS:
            editions[number].append(EditionFacts(*json.loads(told)))
    works = {number: WorkFacts(*json.loads(told)) for number, told in rows}
    works = {n: work for n, work in works.items() if _is_wanted(editions[n], counts[n], wanted)}
    names = file.names_of(author for work in works.values() for author in work.authors)
    ratings = file.ratings_between(first, last)
    former: defaultdict[int, list[str]] = defaultdict(list)
    for key, target in file.led_to(first, last):
        former[target].append(key_of(key))
    mains = {n: _main(editions[n], wanted) for n in works}
    covers = {n: _covers(work, mains[n], editions[n]) for n, work in works.items()}
    good = file.good_covers(number for offered in covers.values() for number in offered)
    made = []
    for n, work in works.items():
        record = _record(n, work, editions[n], mains[n], names, ratings.get(n, (0, 0)))
        isbns = {isbn: (isbn, edition) for edition in reversed(editions[n]) for isbn in edition.isbns}
        cover = next((number for number in covers[n] if number in good), None)
        made.append(Work(record, tuple(isbns.values()), tuple(former[n]), _same_name(file, record), cover))
    return made, last, len(rows)


def _covers(work: WorkFacts, main: EditionFacts | None, editions: Sequence[EditionFacts]) -> list[int]:
    """The pictures of a work, the best first: of the edition that speaks for it, its own, of others in its language."""
    if main is None:
        return work.covers
    alike = (number for one in editions if one is not main and one.language == main.language for number in one.covers)
    return [*main.covers, *work.covers, *islice(alike, MOST_COVERS)]


def _same_name(file: WorkFile, record: BookRecord) -> int | None:
    # Two books by nobody known are not the same for that.
    if record.authors == (UNKNOWN_AUTHOR,):
        return None
    return file.here(sort_key(record.title), rules.author_sort(record.authors[0]))


def key_of(number: int) -> str:
    """A work's key as people and other places write it."""
    return f"OL{number}W"


def _is_wanted(editions: Sequence[EditionFacts], count: int, wanted: Wanted) -> bool:
    if count < wanted.min_editions:
        return False
    if wanted.with_isbn and not any(edition.isbns for edition in editions):
        return False
    return not wanted.languages or any(edition.language in wanted.languages for edition in editions)


def _record(
    number: int,
    work: WorkFacts,
    editions: Sequence[EditionFacts],
    main: EditionFacts | None,
    names: dict[int, str],
    rated: tuple[int, int],
) -> BookRecord:
    stars, count = rated
    years = [edition.year for edition in editions if edition.year is not None]
    return BookRecord(
        key=key_of(number),
        title=work.title,
        authors=tuple(names[author] for author in work.authors if author in names) or (UNKNOWN_AUTHOR,),
        isbn=main.isbns[0] if main and main.isbns else None,
        year=work.year if work.year is not None else min(years, default=None),
        language=main.language if main else None,
        pages=main.pages if main else None,
        description=work.description,
        subjects=tuple((name, len(work.subjects) - place) for place, name in enumerate(work.subjects)),
        rating_average=stars / count if count else None,
        rating_count=count,
    )


def _main(editions: Sequence[EditionFacts], wanted: Wanted) -> EditionFacts | None:
    """The edition that speaks for the book: in the language of most, with an ISBN and pages; of several the newest."""
    spoken = Counter(edition.language for edition in editions if edition.language is not None)
    meant = [language for language in wanted.languages if language in spoken]
    language = meant[0] if meant else next(_most_common(spoken), None)

    def worth(edition: EditionFacts) -> tuple[bool, bool, bool, int]:
        has = (edition.language == language, bool(edition.isbns), edition.pages is not None)
        return (*has, edition.year if edition.year is not None else -10_000)

    return max(editions, key=worth, default=None)


def _most_common(spoken: Counter[str]) -> Iterator[str]:
    return iter(sorted(spoken, key=lambda language: (-spoken[language], language)))
