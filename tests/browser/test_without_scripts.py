"""Everything once more in a browser that runs no scripts."""

import re

from tests.browser.visitor import Visitor, expect
from tests.factories import a_picture


async def test_a_book_is_added_edited_deleted_and_brought_back(plain: Visitor) -> None:
    await plain.go("/")
    await plain.see("#form #title").fill("Plainly added")
    await plain.see("#form #author").fill("Plain Author")
    await plain.see("#form button", has_text="Add").click()
    await expect(plain.page).to_have_url(re.compile(r"/books/\d+$"))
    await expect(plain.see("#book h1")).to_have_text("Plainly added")
    await expect(plain.see(".toast")).to_contain_text("Added Plainly added.")
    address = plain.page.url
    await plain.go("/")
    row = plain.see("#new-book tr").first
    await expect(row).to_contain_text("Plainly added")
    await row.locator("button", has_text="Edit Title").click()
    await plain.see("tr.editing [name=title]").fill("Plainly edited")
    await plain.see("tr.editing button", has_text="Save").click()
    await expect(plain.page).to_have_url(address)
    await expect(plain.see("#book h1")).to_have_text("Plainly edited")
    await expect(plain.see(".toast")).to_contain_text("Saved Plainly edited.")
    await plain.see("#book button", has_text="Delete").click()
    await expect(plain.see(".toast")).to_contain_text("Deleted Plainly edited.")
    await plain.see(".toast button", has_text="Undo").click()
    await expect(plain.page).to_have_url(address)
    await expect(plain.see(".toast")).to_contain_text("Plainly edited is back.")


async def test_an_edit_can_be_left_and_a_wrong_one_is_told(plain: Visitor) -> None:
    book = await plain.add("Plainly left")
    await plain.go(f"/books/{book['id']}/edit")
    await plain.see("tr.editing [name=title]").fill("   ")
    await plain.see("tr.editing button", has_text="Save").click()
    await expect(plain.see("tr.editing .error")).to_contain_text("Please fill this in")
    assert await plain.see("header.frame").count() == 1
    await plain.see("tr.editing button", has_text="Cancel").click()
    await expect(plain.see("#book h1")).to_have_text("Plainly left")


async def test_a_clash_is_settled(plain: Visitor) -> None:
    book = await plain.add("Plain clash")
    await plain.go(f"/books/{book['id']}/edit")
    await plain.change(book["id"], title="Plain theirs", version=1)
    await plain.see("tr.editing [name=title]").fill("Plain mine")
    await plain.see("tr.editing button", has_text="Save").click()
    await expect(plain.see("#conflict")).to_contain_text("Plain theirs")
    await expect(plain.see("#conflict")).to_contain_text("Plain mine")
    await plain.see("#conflict button", has_text="Save mine over it").click()
    await expect(plain.see("#book h1")).to_have_text("Plain mine")


async def test_all_details_are_edited(plain: Visitor) -> None:
    book = await plain.add("Plain details")
    await plain.go(f"/books/{book['id']}")
    await plain.see("#book a", has_text="Edit").first.click()
    for name, value in (
        ("year", "1815"),
        ("language", "English"),
        ("pages", "474"),
        ("subjects", "love, class"),
        ("series", "Novels"),
    ):
        await plain.see(f"#details [name={name}]").fill(value)
    await plain.see("#details button", has_text="Save").click()
    for told in ("1815", "English", "474", "love", "Novels"):
        await expect(plain.see("#book")).to_contain_text(told)


async def test_books_are_searched_narrowed_and_gone_through(plain: Visitor) -> None:
    await plain.go("/")
    await plain.see("#q").fill("pride prejudice")
    await plain.see("#q").press("Enter")
    await expect(plain.page).to_have_url(re.compile(r"/books\?q=pride"))
    await expect(plain.see("#results")).to_contain_text("Pride and Prejudice")
    await plain.go("/books?sort=title")
    first = await plain.see("#results .card").first.inner_text()
    await plain.see("[data-more]").click()
    assert await plain.see("#results .card").first.inner_text() != first
    await plain.go("/books")
    await plain.see("#facets .facet a").first.click()
    await expect(plain.see(".chips a")).to_have_count(1)


async def test_the_look_is_chosen(plain: Visitor) -> None:
    await plain.go("/books")
    await plain.see("button[name=theme][value=dark]").click()
    await expect(plain.see("html")).to_have_attribute("data-theme", "dark")
    assert "/books" in plain.page.url
    await plain.see("button[name=view][value=table]").click()
    await expect(plain.see("#results table.books")).to_be_visible()


async def test_a_cover_is_sent_and_taken_away(plain: Visitor) -> None:
    book = await plain.add("Plain picture")
    await plain.go(f"/books/{book['id']}")
    await plain.see("summary", has_text="Change cover").click()
    picture = {"name": "cover.png", "mimeType": "image/png", "buffer": a_picture()}
    await plain.see("input[name=cover]").set_input_files([picture])  # type: ignore[list-item]  # a FilePayload
    await plain.see("button", has_text="Use this picture").click()
    await expect(plain.see(".cover-place img")).to_have_count(1)
    await expect(plain.see(".toast")).to_contain_text("The new cover is here.")
    await plain.see("summary", has_text="Change cover").click()
    await plain.see("button", has_text="Go back to the drawn cover").click()
    await expect(plain.see(".cover-place svg")).to_have_count(1)


async def test_an_author_is_renamed(plain: Visitor) -> None:
    book = await plain.add("By a plain author", "Plane Auther")
    await plain.go(f"/authors/{book['author']['id']}")
    await plain.see("button", has_text="Rename").click()
    await plain.see("#editing [name=name]").fill("Plain Author Renamed")
    await plain.see("#editing button", has_text="Save").click()
    await expect(plain.see("#author h1")).to_have_text("Plain Author Renamed")
