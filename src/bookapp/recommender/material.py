"""What goes into a fit and what comes out of it, as plain arrays: `fit` alone knows numpy."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field


def _numbers() -> "array[int]":
    return array("i")


@dataclass(frozen=True, slots=True)
class Material:
    """Books and what was read of them. Books, readers, authors, subjects and series are numbered from 0 each."""

    ids: "array[int]" = field(default_factory=lambda: array("q"))
    """The id of each book, ascending."""
    series: "array[int]" = field(default_factory=_numbers)
    """Of each book; -1 for none."""
    book_of_author: "array[int]" = field(default_factory=_numbers)
    author: "array[int]" = field(default_factory=_numbers)
    """Of each contribution."""
    book_of_subject: "array[int]" = field(default_factory=_numbers)
    subject: "array[int]" = field(default_factory=_numbers)
    reader: "array[int]" = field(default_factory=_numbers)
    book: "array[int]" = field(default_factory=_numbers)
    quarters: "array[int]" = field(default_factory=_numbers)
    """Of each thing read: its rating in quarter stars, 0 for none."""
    change_id: int = 0
    """The last change of a book that this shows."""

    @property
    def readers(self) -> int:
        """How many readers there are."""
        return max(self.reader, default=-1) + 1


@dataclass(frozen=True, slots=True)
class Rows:
    """Neighbours of some targets: having liked `sources` speaks for `targets`; books by number."""

    asked: Sequence[int]
    """The targets whose rows these are, also those that have none."""
    sources: Sequence[int]
    targets: Sequence[int]
    weights: Sequence[float]
    kinds: Sequence[int]


READERS, SAME_AUTHOR, SAME_SERIES, ALIKE = range(4)
"""What a row rests on."""
Fitting = Callable[[Material, Sequence[int] | None, Sequence[int]], Iterator[Rows]]
"""`fit.neighbours`: the material; the targets, None for all; books whose nearest ones are targets too."""
