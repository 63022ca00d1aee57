"""The fit against the same sums written down naively, with whole matrices."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from bookapp.recommender import fit
from bookapp.recommender.material import ALIKE, READERS, SAME_AUTHOR, SAME_SERIES, Material
from tests.recommender.material import clubs, made_up

Rows = dict[int, dict[int, tuple[float, int]]]


def fitted(material: Material) -> Rows:
    found: Rows = defaultdict(dict)
    for rows in fit.neighbours(material):
        for source, target, weight, kind in zip(rows.sources, rows.targets, rows.weights, rows.kinds, strict=True):
            found[target][source] = (weight, kind)
    return found


def likeness(material: Material) -> np.ndarray:
    n = len(material.ids)

    def cosines(books: list[int], traits: list[int], rare: bool) -> np.ndarray:
        table = np.zeros((n, max(traits, default=-1) + 1))
        often = Counter(traits)
        for book, trait in zip(books, traits, strict=True):
            table[book, trait] = np.log(1 + n / often[trait]) if rare else 1
        length = np.linalg.norm(table, axis=1, keepdims=True)
        return (table / np.where(length, length, 1)) @ (table / np.where(length, length, 1)).T

    series = np.array(material.series)
    same = (series[:, None] == series[None, :]) & (series[:, None] >= 0)
    subjects = cosines(list(material.book_of_subject), list(material.subject), rare=True)
    authors = cosines(list(material.book_of_author), list(material.author), rare=False)
    return subjects**2 + 0.5 * authors + 0.5 * same


def naively(material: Material) -> Rows:
    """Section by section what the fit promises: dense, one book after the other."""
    n, alike = len(material.ids), likeness(material)
    x = np.zeros((material.readers, n))
    read = np.zeros((material.readers, n))
    worth = {20: 1.0, 16: 0.8, 12: 0.5, 8: 0.25, 4: 0.1, 0: 0.5}
    for reader, book, quarters in zip(material.reader, material.book, material.quarters, strict=True):
        x[reader, book], read[reader, book] = worth[quarters], 1
    g, common = x.T @ x, read.T @ read
    found: Rows = defaultdict(dict)
    for j in range(n):
        near = [k for k in sorted(range(n), key=lambda k: (-round(alike[j, k], 6), k)) if k != j and alike[j, k] > 1e-9]
        near = near[:20]
        kind = [SAME_SERIES if material.series[j] == material.series[k] >= 0 else
                SAME_AUTHOR if material.author[j] == material.author[k] else ALIKE for k in range(n)]  # fmt: skip
        if g[j, j] == 0:
            found[j] = {k: (0.04 * alike[j, k], kind[k]) for k in near}
            continue
        known = [k for k in range(n) if k != j and common[j, k] >= 3]
        best = sorted(known, key=lambda k: (-g[j, k] / (np.sqrt(g[j, j] * g[k, k]) + 3), k))[:30]
        c = [*best, *sorted(set(near) - set(best))]
        a = g[np.ix_(c, c)] + np.diag(20 + 0.5 * g[c, c])
        b = [(g[k, j] if k in known else 0) + 20 * 0.1 * alike[j, k] for k in c]
        for k, w in zip(c, np.linalg.solve(a, b), strict=True):
            if w > 1e-5:
                found[j][k] = (w, READERS if k in known else kind[k])
    return found


def test_the_fit_solves_what_it_promises() -> None:
    material = clubs()
    found, expected = fitted(material), naively(material)
    assert found.keys() == expected.keys()
    for target, sources in expected.items():
        assert found[target].keys() == sources.keys(), target
        for source, (weight, kind) in sources.items():
            assert found[target][source] == (pytest.approx(weight, rel=1e-3, abs=1e-5), kind)


def test_the_same_input_gives_the_same_table() -> None:
    assert list(fit.neighbours(clubs())) == list(fit.neighbours(clubs()))


def test_two_common_readers_tie_nothing() -> None:
    ratings = [(reader, book, 20) for reader in range(2) for book in range(2)]
    ratings += [(reader, book, 20) for reader in range(2, 5) for book in range(2, 4)]
    found = fitted(made_up(ratings, 4))
    assert found[3] == {2: (pytest.approx(found[3][2][0]), READERS)}
    assert not found.get(0)
    assert not found.get(1)


def test_likeness_of_books_with_too_few_common_readers_is_called_what_it_is() -> None:
    ratings = [(0, 0, 20), (0, 1, 20), (1, 0, 20), (1, 1, 20)]
    found = fitted(made_up(ratings, 3, authors=[0, 0, 1], subjects=[[0], [1], [1]]))
    assert found[1][0][1] == SAME_AUTHOR
    assert found[1][2][1] == ALIKE
    assert found[2][1] == (pytest.approx(0.04), ALIKE)


def test_one_reader_counts_with_five_hundred_books_at_most() -> None:
    ratings = [(0, book, 20) for book in range(700)] + [(reader, 0, 20) for reader in range(1, 4)]
    readers, _books, _worth = fit._bounded(*(np.array(column, np.int32) for column in zip(*ratings, strict=True)))
    assert Counter(readers.tolist())[0] == fit.MOST_BOOKS


def test_a_few_targets_have_the_rows_that_they_have_among_all() -> None:
    material, everything = clubs(), fitted(clubs())
    for rows in fit.neighbours(material, [3, 5], [7]):
        assert {3, 5} < set(rows.asked)
        for source, target, weight, kind in zip(rows.sources, rows.targets, rows.weights, rows.kinds, strict=True):
            assert everything[target][source] == (weight, kind)


@pytest.mark.parametrize("books", [0, 1, 3])
def test_there_may_be_nothing_at_all(books: int) -> None:
    assert fitted(made_up([], books)) == {}


@pytest.mark.parametrize(("quarters", "worth"), [(0, 0.5), (1, 0.1), (4, 0.1), (14, 0.65), (18, 0.9), (20, 1.0)])
def test_half_stars_lie_between_whole_ones(quarters: int, worth: float) -> None:
    assert fit.worth(np.array([quarters], np.int32))[0] == pytest.approx(worth)
