"""The pages of years and numbers, as people see them."""

import re

from bookapp.circles.visibility import EVERYONE, ME
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.statistics.numbers import FEW, Numbers
from bookapp.statistics.results import PlaceShown, Plot
from bookapp.web.application import Application
from tests.clients import Browser
from tests.factories import a_book
from tests.people import a_person, as_person, sign_in
from tests.statistics.reading import was_read


async def alice_read(app: Application, seen_by: int = EVERYONE) -> Actor:
    db = app.extensions["db"]
    alice = await a_person(db)
    book = await a_book(db, title="<b>Emma</b>", year=1815, pages=474, subjects=["Classics & more"])
    await was_read(db, alice, book, "2024-02-10", seen_by=seen_by, quarters=18)
    return alice


async def test_a_year_is_one_page_that_can_be_shared(app: Application, client: Browser) -> None:
    await alice_read(app)
    page = await client.get("/accounts/alice/years/2024", "page")
    assert page.status == 200
    assert "<h1>alice’s year 2024</h1>" in page.text
    assert 'property="og:title" content="alice’s year 2024"' in page.text
    assert "&lt;b&gt;Emma" in page.text
    assert "<b>Emma" not in page.text
    assert " style=" not in page.text
    assert "reading-settings" not in page.text


async def test_every_plot_has_a_name_a_sentence_and_its_numbers(app: Application, client: Browser) -> None:
    await alice_read(app)
    text = (await client.get("/accounts/alice/years/2024", "page")).text
    plots = re.findall(r'<figure class="plot">.*?</figure>', text, re.DOTALL)
    assert len(plots) == 6
    for plot in plots:
        if "<svg" not in plot:
            assert "Nothing to draw yet" in plot
            continue
        assert re.search(
            r'<svg [^>]*role="img"[^>]*><title id="[^"]+">[^<]+</title><desc id="[^"]+">[^<]+</desc>', plot
        )
        assert "<summary>Show numbers</summary>" in plot
        assert "<td" in plot
    assert sum("<svg" in plot for plot in plots) == 5  # no language


async def test_an_empty_year_says_so_in_words(app: Application, client: Browser) -> None:
    await alice_read(app, seen_by=ME)
    text = (await client.get("/accounts/alice/years/2024", "page")).text
    assert "There is nothing here that you may see." in text
    assert "<svg viewBox" not in text.partition("<main")[2].partition("</main")[0]
    alice = await sign_in(client)
    assert "474</b> pages" in (await alice.get("/accounts/alice/years/2024", "page")).text
    assert "Nothing here yet" in (await alice.get("/accounts/alice/years/2023", "page")).text


async def test_alice_sets_a_goal_and_bob_cannot(app: Application, client: Browser) -> None:
    await alice_read(app)
    alice = await sign_in(client)
    bob = await as_person(app, "bob")
    assert (await bob.put("/accounts/alice/goals/2024", json={"books": 3})).status == 404
    saved = await alice.put("/accounts/alice/goals/2024", json={"books": 3})
    assert saved.json["goal"] == {"books": 3, "done": 1, "expected": 3, "words": "2 books short of it."}
    wrong = await alice.post("/accounts/alice/goals/2024", "fragment", data={"books": "none"})
    assert wrong.status == 422
    assert wrong.text.lstrip().startswith('<section id="goal"')
    assert 'id="goal-books-error"' in wrong.text
    for books in (0, 2001):
        assert (await alice.put("/accounts/alice/goals/2024", json={"books": books})).status == 422
    page = await alice.post("/accounts/alice/goals/2024", "page", data={"books": "1"})
    assert (page.status, page.headers["Location"]) == (303, "/accounts/alice/years/2024")
    assert "Reached." in (await alice.get("/accounts/alice/years/2024", "page")).text
    assert (await bob.get("/accounts/alice/years/2024")).json["goal"]["words"] == ""
    assert (await alice.delete("/accounts/alice/goals/2024")).json["goal"] is None


async def test_the_owner_reads_who_may_see_it(app: Application, client: Browser) -> None:
    await alice_read(app)
    text = (await (await sign_in(client)).get("/accounts/alice/years/2024", "page")).text
    assert "My year 2024" in text
    assert "Everybody with an account here sees your shelf of read books" in text
    assert 'href="/accounts/alice/reading-settings"' in text


async def test_the_numbers_of_the_place_are_kept_for_guests_until_something_changes(
    app: Application, client: Browser
) -> None:
    assert (await client.get("/statistics")).json["books"] == 0
    await a_book(app.extensions["db"])
    assert (await client.get("/statistics")).json["books"] == 1
    assert (await client.get("/statistics", "page")).text.count('<figure class="plot">') == 5


async def test_many_books_are_counted_once_in_ten_minutes() -> None:
    counted = []

    async def count() -> PlaceShown:
        counted.append(1)
        none = Plot("", "", ())
        plots = dict.fromkeys(("by_decade", "by_subject", "by_author", "by_language", "added"), none)
        numbers = {"authors": 0, "subjects": 0, "ratings": 0, "reviews": 0}
        books = FEW if len(counted) > 1 else FEW - 1
        return PlaceShown(books=books, **numbers, **plots, most_praised=(), counted_at=clock.now())

    numbers = Numbers()
    for _ in range(5):
        await numbers.get(count)
    assert len(counted) == 2
