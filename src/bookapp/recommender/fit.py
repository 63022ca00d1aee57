"""From ratings and traits to weighted neighbours: a small ridge regression for each book. The only module with numpy.

For a target book the weights of its candidates solve (G + penalty) w = g + penalty * 0.1 * likeness, where G is how
often candidates were liked by the same readers and g how often with the target. So where many have read a book, readers
decide; where few or none have, likeness by author, series and subject does: there is one model, and no switch-over.

No random numbers and a fixed order: the same input gives the same table.
Source: a relative of fsSLIM (Ning and Karypis 2011) and sparse EASE (Steck 2019), with the dropout term of Steck 2020.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from bookapp.recommender.material import ALIKE as ALIKE_SUBJECTS
from bookapp.recommender.material import READERS, SAME_AUTHOR, SAME_SERIES, Material, Rows

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
_Row = tuple[Ints, Ints, Floats, Ints]
"""Sources, targets, weights and kinds of one target."""

CO_READ, ALIKE = 30, 20
"""How many candidates a book has: most often liked by the same readers, and most alike."""
SHRINK = 3.0
"""Drawn into the likeness of readers, so that two readers of two books are no proof."""
COMMON = 3
"""So many readers must two books have in common before that counts: nobody is read off the table or pushes a book."""
RIDGE, DROPOUT, PRIOR, UNREAD = 20.0, 0.5, 0.1, 0.04
MOST_BOOKS, MOST_READERS = 500, 20_000
"""Of one reader, and of one book, so much is used: the work grows with the square of it."""
LONGEST = 300
"""So many books of a subject or an author are looked at."""
SHORTLIST = 4 * ALIKE
BATCH = 500
"""Targets whose rows are handed out at once."""
_LEAST = 1e-5
_STARS, _WORTH = (1.0, 2.0, 3.0, 4.0, 5.0), (0.1, 0.25, 0.5, 0.8, 1.0)
_UNRATED = 0.5
_SPREAD = np.uint64(11400714819323198485)


def worth(quarters: Ints) -> Floats:
    """How much a rating in quarter stars says that a book was liked; 0 stands for read and not rated."""
    worths = np.interp(quarters / 4, _STARS, _WORTH)
    return np.where(quarters == 0, _UNRATED, worths).astype(np.float32)


def neighbours(material: Material, targets: Sequence[int] | None = None, around: Sequence[int] = ()) -> Iterator[Rows]:
    """The rows of all `targets`, in batches, in the order of their numbers; without targets those of all books.

    The books that are most like those in `around` are targets, too: their rows may hold these.
    """
    likeness = Likeness(material)
    arrays = (np.asarray(numbers, np.int32) for numbers in (material.reader, material.book, material.quarters))
    regression = _Regression(*_bounded(*arrays), likeness)
    wanted = range(likeness.count) if targets is None else sorted({*targets, *_near(likeness, around)})
    for start in range(0, len(wanted), BATCH):
        step = wanted[start : start + BATCH]
        yield _joined(step, [regression.rows_of(target) for target in step])


def _near(likeness: "Likeness", books: Sequence[int]) -> Iterator[int]:
    for book in books:
        yield from likeness.nearest(book)[0].tolist()


def _joined(asked: Sequence[int], parts: Sequence[_Row]) -> Rows:
    sources, targets, weights, kinds = (np.concatenate(column).tolist() for column in zip(*parts, strict=True))
    return Rows(asked, sources, targets, weights, kinds)


def _bounded(readers: Ints, books: Ints, quarters: Ints) -> tuple[Ints, Ints, Floats]:
    """Leave out what is too much of one reader and of one book: a fixed sample that prefers nothing."""
    chance = (readers.astype(np.uint64) * np.uint64(2_654_435_761) + books.astype(np.uint64)) * _SPREAD
    for column, most in ((0, MOST_BOOKS), (1, MOST_READERS)):
        kept = _first_of_each((readers, books)[column], chance, most)
        readers, books, quarters, chance = readers[kept], books[kept], quarters[kept], chance[kept]
    return readers, books, worth(quarters)


def _first_of_each(of: Ints, chance: NDArray[np.uint64], most: int) -> NDArray[np.intp]:
    if len(of) == 0 or np.bincount(of).max() <= most:
        return np.arange(len(of))
    order = np.lexsort((chance, of))
    ordered = of[order]
    place = np.arange(len(of)) - np.searchsorted(ordered, ordered)
    return np.sort(order[place < most])


class _Lists:
    """For each key a list of values, with a weight each: a sparse matrix by rows."""

    def __init__(self, keys: Ints, values: Ints, count: int, weights: Floats | None = None) -> None:
        order = np.lexsort((values, keys))
        self.values = values[order]
        self.weights = np.ones(len(order), np.float32) if weights is None else weights[order]
        self.scratch = np.zeros(0, np.float32)
        """Room for one weight of each value, all 0 between two uses."""
        self.starts = np.concatenate(([0], np.cumsum(np.bincount(keys, minlength=count)))).astype(np.int64)

    def of(self, key: int) -> slice:
        return slice(self.starts[key], self.starts[key + 1])

    def places(self, keys: NDArray[np.integer], most: int | None = None) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Where the entries of all `keys` stand, and to which of the keys each belongs."""
        starts = self.starts[keys]
        lengths = self.starts[keys + 1] - starts
        if most is not None:
            lengths = np.minimum(lengths, most)
        owner = np.repeat(np.arange(len(keys)), lengths)
        first = np.cumsum(lengths) - lengths
        return np.arange(len(owner)) - first[owner] + starts[owner], owner


class _Numbering:
    """Numbers what occurs in an array from 0 on, without sorting it."""

    def __init__(self, count: int) -> None:
        self._last = np.zeros(count, np.int64)

    def __call__(self, items: NDArray[np.integer]) -> tuple[NDArray[np.integer], NDArray[np.intp]]:
        """What occurs, each once, and the number of each item."""
        positions = np.arange(len(items))
        self._last[items] = positions
        stands_for = self._last[items]
        is_one = stands_for == positions
        return items[is_one], (np.cumsum(is_one) - 1)[stands_for]


class Likeness:
    """How alike books are, 0 to 2: squared cosine of subjects, half that of authors, and half for the same series."""

    def __init__(self, material: Material) -> None:
        self.count = count = len(material.ids)
        self._series = series = np.asarray(material.series, np.int32)
        subjects = (material.book_of_subject, material.subject)
        self._subjects, self._of_subject = self._both(*subjects, count, rarity=True)
        self._authors, self._of_author = self._both(material.book_of_author, material.author, count, rarity=False)
        with_series = np.flatnonzero(series >= 0).astype(np.int32)
        self._of_series = _Lists(series[with_series], with_series, int(series.max(initial=-1)) + 1)
        self._number = _Numbering(count)

    @staticmethod
    def _both(
        book_of: Sequence[int], trait_of: Sequence[int], count: int, *, rarity: bool
    ) -> tuple["_Lists", "_Lists"]:
        """The traits of each book with weights of length 1 together, and the books of each trait."""
        books, traits = np.asarray(book_of, np.int32), np.asarray(trait_of, np.int32)
        many = int(traits.max(initial=-1)) + 1
        weights = np.ones(len(books), np.float32)
        if rarity:
            weights = np.log(1 + count / np.bincount(traits, minlength=many)[traits]).astype(np.float32)
        lengths = np.sqrt(np.bincount(books, weights.astype(np.float64) ** 2, minlength=count)).astype(np.float32)
        weights = (weights / lengths[books]).astype(np.float32)
        own = _Lists(books, traits, count, weights)
        own.scratch = np.zeros(many, np.float32)
        return own, _Lists(traits, books, many, weights)

    def between(self, book: int, others: NDArray[np.integer]) -> Floats:
        """How alike the book is to each of `others`."""
        series = self._series[book]
        same = (self._series[others] == series) & (series >= 0)
        subjects, authors = self._cosine(self._subjects, book, others), self._cosine(self._authors, book, others)
        whole: Floats = subjects**2 + np.float32(0.5) * authors + np.float32(0.5) * same
        return whole

    def _cosine(self, lists: _Lists, book: int, others: NDArray[np.integer]) -> Floats:
        own, weight_of = lists.of(book), lists.scratch
        weight_of[lists.values[own]] = lists.weights[own]
        places, owner = lists.places(others)
        products = weight_of[lists.values[places]] * lists.weights[places]
        weight_of[lists.values[own]] = 0
        return np.bincount(owner, products, minlength=len(others)).astype(np.float32)

    def nearest(self, book: int) -> tuple[NDArray[np.integer], Floats]:
        """The books that are most alike, and how much."""
        found, scores = self._number_near(book)
        found, scores = found[found != book], scores[found != book]
        if len(found) > SHORTLIST:
            found = found[_best(scores, found, SHORTLIST)]
        likeness = self.between(book, found)
        best = _best(likeness, found, ALIKE)
        best = best[likeness[best] > 0]
        return found[best], likeness[best]

    def _number_near(self, book: int) -> tuple[NDArray[np.integer], Floats]:
        """Candidates with a rough measure: the lists of the book's traits are cut where they are long."""
        near, rough = [], []
        for own, lists, share in (
            (self._subjects, self._of_subject, 1.0),
            (self._authors, self._of_author, 0.5),
        ):
            entries = own.of(book)
            places, owner = lists.places(own.values[entries], LONGEST)
            near.append(lists.values[places])
            rough.append(lists.weights[places] * own.weights[entries][owner] * np.float32(share))
        if self._series[book] >= 0:
            same = self._of_series.values[self._of_series.of(self._series[book])][:LONGEST]
            near.append(same)
            rough.append(np.full(len(same), 0.5, np.float32))
        found, number = self._number(np.concatenate(near))
        return found, np.bincount(number, np.concatenate(rough), minlength=len(found)).astype(np.float32)

    def kinds(self, book: int, others: NDArray[np.integer]) -> Ints:
        """What others that no readers tie to the book have in common with it; the closest tie is named."""
        series = self._series[book]
        same_author = self._cosine(self._authors, book, others) > 0
        kinds = np.where(same_author, SAME_AUTHOR, ALIKE_SUBJECTS)
        return np.where((self._series[others] == series) & (series >= 0), SAME_SERIES, kinds).astype(np.int32)


def _best(scores: Floats, ids: NDArray[np.integer], most: int) -> NDArray[np.intp]:
    """Where the largest scores stand; of equal ones those with the smaller ids."""
    if len(scores) <= most:
        return np.lexsort((ids, -scores))
    high = np.flatnonzero(scores >= np.partition(scores, len(scores) - most)[len(scores) - most])
    return high[np.lexsort((ids[high], -scores[high]))][:most]


class _Regression:
    """Who liked what, by reader and by book, and the regression of one book on its candidates."""

    def __init__(self, readers: Ints, books: Ints, worths: Floats, likeness: Likeness) -> None:
        count = int(readers.max(initial=-1)) + 1
        self._likeness = likeness
        self._of_reader = _Lists(readers, books, count, worths)
        self._of_book = _Lists(books, readers, likeness.count, worths)
        self._own = np.bincount(books, worths.astype(np.float64) ** 2, minlength=likeness.count).astype(np.float32)
        self._number_books = _Numbering(likeness.count)
        self._number_readers = _Numbering(count)

    def rows_of(self, target: int) -> _Row:
        """The rows that speak for the book `target`."""
        alike, likeness = self._likeness.nearest(target)
        if self._own[target] == 0:
            return _rows(alike, target, np.float32(UNREAD) * likeness, self._likeness.kinds(target, alike))
        together, shared = self._co_read(target)
        nearness = shared / (np.sqrt(self._own[target] * self._own[together]) + np.float32(SHRINK))
        best = _best(nearness, together, CO_READ)
        candidates = np.concatenate((together[best], np.setdiff1d(alike, together[best])))
        # Likeness may bring books that some read with it, too.
        spots = np.minimum(np.searchsorted(together, candidates), max(0, len(together) - 1))
        is_read = np.isin(candidates, together)
        told = np.where(is_read, shared[spots] if len(together) else 0, 0).astype(np.float32)
        weights = self._solve(candidates, told + np.float32(RIDGE * PRIOR) * self._likeness.between(target, candidates))
        kinds = np.where(is_read, READERS, self._likeness.kinds(target, candidates)).astype(np.int32)
        return _rows(candidates, target, weights, kinds)

    def _co_read(self, target: int) -> tuple[NDArray[np.integer], Floats]:
        """The books, in order, with enough readers in common with the target, and how much these liked both."""
        own = self._of_book.of(target)
        places, owner = self._of_reader.places(self._of_book.values[own])
        found, number = self._number_books(self._of_reader.values[places])
        worths = self._of_reader.weights[places] * self._of_book.weights[own][owner]
        common = np.bincount(number, minlength=len(found))
        shared = np.bincount(number, worths, minlength=len(found)).astype(np.float32)
        enough = np.flatnonzero((common >= COMMON) & (found != target))
        enough = enough[np.argsort(found[enough])]
        return found[enough], shared[enough]

    def _solve(self, candidates: NDArray[np.integer], wanted: Floats) -> Floats:
        if len(candidates) == 0:
            return np.zeros(0, np.float32)
        places, owner = self._of_book.places(candidates)
        found, number = self._number_readers(self._of_book.values[places])
        liked = np.zeros((len(found), len(candidates)), np.float32)
        liked[number, owner] = self._of_book.weights[places]
        gram = liked.T @ liked
        gram[np.diag_indices_from(gram)] += np.float32(RIDGE) + np.float32(DROPOUT) * self._own[candidates]
        return np.linalg.solve(gram, wanted).astype(np.float32)


def _rows(sources: NDArray[np.integer], target: int, weights: Floats, kinds: Ints) -> _Row:
    kept = weights > _LEAST
    count = int(kept.sum())
    return sources[kept].astype(np.int32), np.full(count, target, np.int32), weights[kept], kinds[kept]
