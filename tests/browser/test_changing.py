"""Adding, editing and deleting in the page, without a reload."""

import re

import pytest

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, expect


async def test_a_book_is_added_without_a_reload(reader: Visitor) -> None:
    await reader.go("/")
    await reader.mark()
    await reader.see("#form #title").fill("Added in the page")
    await reader.see("#form #author").fill("Somebody New")
    await reader.see("#form button", has_text="Add").click()
    first = reader.see("#new-book > tr").first
    await expect(first).to_contain_text("Added in the page")
    await expect(first).to_contain_text("Somebody New")
    for field in ("#title", "#author"):
        await expect(reader.see(f"#form {field}")).to_have_value("")
    await expect(reader.see("#form #title")).to_be_focused()
    await expect(reader.see(".toast")).to_contain_text("Added Added in the page.")
    await reader.page.keyboard.type("And another")
    await reader.page.keyboard.press("Tab")
    await reader.page.keyboard.type("Somebody New")
    await reader.page.keyboard.press("Enter")
    await expect(first).to_contain_text("And another")
    assert await reader.is_same_document()
    await reader.page.reload()
    await expect(first).to_contain_text("And another")


async def test_a_wrong_new_book_is_told_under_its_field(reader: Visitor) -> None:
    await reader.go("/")
    rows = await reader.see("#new-book > tr").count()
    await reader.see("#form #title").fill("   ")
    await reader.see("#form #author").fill("Kept Author")
    await reader.see("#form button", has_text="Add").click()
    await expect(reader.see("#form #title-error")).to_contain_text("Please fill this in")
    await expect(reader.see("#form #title")).to_have_attribute("aria-describedby", re.compile("title-error"))
    await expect(reader.see("#form #title")).to_be_focused()
    await expect(reader.see("#form #author")).to_have_value("Kept Author")
    assert await reader.see("#new-book > tr").count() == rows
    await reader.see("#form #title").fill("Mended title")
    await reader.see("#form button", has_text="Add").click()
    await expect(reader.see("#new-book > tr").first).to_contain_text("Mended title")
    await expect(reader.see("#form .error")).to_have_count(0)
    await expect(reader.see("#form #title")).to_have_value("")


async def opened(reader: Visitor, title: str) -> int:
    """A new book, whose row on the start page was turned into a form."""
    book_id = int((await reader.add(title))["id"])
    await reader.go("/")
    await reader.mark()
    await reader.see(f"#book-{book_id} button", has_text="Edit Title").click()
    await expect(reader.see(f"tr.editing#book-{book_id}")).to_be_visible()
    return book_id


async def test_a_row_becomes_a_form_and_enter_saves_it(reader: Visitor) -> None:
    book_id = await opened(reader, "Before the edit")
    await expect(reader.see("tr.editing [name=title]")).to_be_focused()
    chosen = await reader.page.evaluate(
        "document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)"
    )
    assert chosen == "Before the edit"
    await reader.page.keyboard.type("After the edit")
    await reader.page.keyboard.press("Enter")
    await expect(reader.see(f"tr.row#book-{book_id}")).to_contain_text("After the edit")
    await expect(reader.see("tr.editing")).to_have_count(0)
    await expect(reader.see(".toast")).to_contain_text("Saved After the edit.")
    focused = await reader.page.evaluate("document.activeElement.closest('tr')?.id")
    assert focused == f"book-{book_id}"
    assert await reader.is_same_document()


@pytest.mark.parametrize("way", ["Escape", "Cancel"])
async def test_leaving_the_edit_leaves_the_row_as_it_was(reader: Visitor, way: str) -> None:
    book_id = await opened(reader, f"Left by {way}")
    await reader.page.keyboard.type("Never saved")
    if way == "Escape":
        await reader.page.keyboard.press("Escape")
    else:
        await reader.see("tr.editing button", has_text="Cancel").click()
    row = reader.see(f"tr.row#book-{book_id}")
    await expect(row).to_contain_text(f"Left by {way}")
    await expect(row).not_to_contain_text("Never saved")
    assert await reader.is_same_document()


async def test_an_empty_title_is_told_under_its_field(reader: Visitor) -> None:
    book_id = await opened(reader, "To be emptied")
    await reader.see("tr.editing [name=title]").fill("   ")
    await reader.see("tr.editing button", has_text="Save").click()
    await expect(reader.see("tr.editing .field-title .error")).to_contain_text("Please fill this in")
    await expect(reader.see(f"tr.editing#book-{book_id}")).to_have_count(1)
    await reader.see("tr.editing [name=title]").fill("Filled again")
    await reader.page.keyboard.press("Enter")
    await expect(reader.see(f"tr.row#book-{book_id}")).to_contain_text("Filled again")


async def clashed(reader: Visitor, title: str) -> int:
    """An edit that was saved after somebody else's."""
    book_id = await opened(reader, title)
    await reader.change(book_id, title=f"{title}: theirs", version=1)
    await reader.see("tr.editing [name=title]").fill(f"{title}: mine")
    await reader.page.keyboard.press("Enter")
    dialog = reader.see("dialog#message")
    await expect(dialog).to_be_visible()
    await expect(dialog).to_contain_text(f"{title}: theirs")
    await expect(dialog).to_contain_text(f"{title}: mine")
    return book_id


async def test_a_clash_shows_both_versions_and_mine_can_be_saved(reader: Visitor) -> None:
    book_id = await clashed(reader, "Clash one")
    await reader.see("dialog#message button", has_text="Save mine over it").click()
    await expect(reader.see(f"tr.row#book-{book_id}")).to_contain_text("Clash one: mine")
    await expect(reader.see("dialog#message")).not_to_be_visible()


async def test_after_a_clash_theirs_can_be_kept(reader: Visitor) -> None:
    book_id = await clashed(reader, "Clash two")
    await reader.see("dialog#message [data-keep]").click()
    await expect(reader.see(f"tr.row#book-{book_id}")).to_contain_text("Clash two: theirs")


async def test_a_deleted_row_goes_and_undo_brings_it_back(reader: Visitor) -> None:
    book_id = (await reader.add("Deleted by mistake"))["id"]
    await reader.go("/")
    await reader.mark()
    row = reader.see(f"#book-{book_id}")
    await row.locator("button", has_text="Delete").click()
    await expect(row).to_have_count(0)
    toast = reader.see(".toast")
    await expect(toast).to_contain_text("Deleted Deleted by mistake.")
    await toast.locator("button", has_text="Undo").click()
    await expect(row).to_contain_text("Deleted by mistake")
    await expect(reader.see(".toast", has_text="back")).to_be_visible()
    assert await reader.is_same_document()


FADE = """id => new Promise(done => {
  let began = null;
  const row = document.getElementById(id);
  new MutationObserver(() => {
    if (began === null && row.classList.contains("htmx-swapping")) began = performance.now();
    if (!row.isConnected) done(began === null ? 0 : performance.now() - began);
  }).observe(row.parentNode, { childList: true, subtree: true, attributes: true });
})"""


@pytest.mark.parametrize(("motion", "least", "most"), [("no-preference", 400, 5000), ("reduce", 0, 250)])
async def test_a_deleted_row_fades_only_for_those_who_like_motion(
    visit: Visit, motion: str, least: int, most: int
) -> None:
    reader = await visit(reduced_motion=motion)
    book_id = (await reader.add("Fading"))["id"]
    await reader.go("/")
    handle = await reader.page.evaluate_handle(
        f"({FADE.strip()})('book-{book_id}').then(ms => (window.faded = ms), 0) && 1"
    )
    await handle.dispose()
    await reader.see(f"#book-{book_id} button", has_text="Delete").click()
    await expect(reader.see(f"#book-{book_id}")).to_have_count(0)
    assert least <= await reader.page.evaluate("window.faded") <= most


async def test_under_reduced_motion_nothing_moves(visit: Visit) -> None:
    reader = await visit(reduced_motion="reduce")
    for path in ("/", "/books", "/books/1"):
        await reader.go(path)
        slowest = await reader.page.evaluate(
            """Math.max(...[...document.querySelectorAll("*")].flatMap(e => { const s = getComputedStyle(e);
            return [s.transitionDuration, s.animationDuration].join().split(",").map(parseFloat) })
            .filter(n => !isNaN(n)))"""
        )
        assert slowest <= 0.01


async def test_an_author_is_renamed_in_place(reader: Visitor) -> None:
    book = await reader.add("By a misspelt author", "Mispelt Auther")
    await reader.go(f"/authors/{book['author']['id']}")
    await reader.mark()
    await reader.see("button", has_text="Rename").click()
    await expect(reader.see("#editing [name=name]")).to_be_focused()
    await reader.page.keyboard.type("Misspelt Author")
    await reader.page.keyboard.press("Enter")
    await expect(reader.see("#author h1")).to_have_text("Misspelt Author")
    assert await reader.is_same_document()


async def test_a_cover_is_changed_on_the_books_page(reader: Visitor) -> None:
    from tests.factories import a_picture

    book = await reader.add("With a picture")
    await reader.go(book["url"])
    await reader.see("summary", has_text="Change cover").click()
    picture = {"name": "cover.png", "mimeType": "image/png", "buffer": a_picture()}
    await reader.see("input[name=cover]").set_input_files([picture])  # type: ignore[list-item]  # a FilePayload
    use = reader.see("button", has_text="Use this picture")
    if await use.is_visible():
        await use.click()
    await expect(reader.see(".cover-place img")).to_have_count(1)
    width = await reader.see(".cover-place img").evaluate("async img => (await img.decode(), img.naturalWidth)")
    assert width == 60
