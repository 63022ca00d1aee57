"""A reader and a book: shelf, stars and notes; with scripts, by keyboard, and without scripts."""

import re

from tests.browser.conftest import Member
from tests.browser.visitor import Visitor, expect


async def a_shelf(visitor: Visitor, name: str, of: str) -> None:
    """A shelf that was made before."""
    answer = await visitor.page.context.request.post(
        f"{visitor.base}/api/v1/accounts/{of}/shelves", data={"name": name}
    )
    assert answer.status == 201, await answer.text()


async def test_one_click_puts_a_book_on_a_shelf_and_stars_go_by_keyboard(member: Member) -> None:
    rita = await member("rita")
    book = await rita.add("The book that Rita reads")
    for name in ("Blue", "Green"):
        await a_shelf(rita, name, "rita")
    await rita.go(f"{book['url']}/mine")
    await rita.mark()
    reading = rita.see(".shelve button", has_text="Reading")
    await reading.click()
    await expect(reading).to_have_attribute("aria-pressed", "true")
    await expect(reading).to_be_focused()
    await expect(rita.see("#own_readings")).to_contain_text("since")
    await rita.see("#mine .half").nth(6).click()
    await expect(rita.see(".rate .told")).to_have_text("3½ of 5 stars")
    await expect(reading).to_have_attribute("aria-pressed", "true")
    await rita.see("#stars-7").focus()
    await rita.page.keyboard.press("ArrowRight")
    await expect(rita.see(".rate .told")).to_have_text("4 of 5 stars")
    await expect(rita.see("#stars-8")).to_be_focused()
    await rita.see("#unrate").click()
    await expect(rita.see(".rate .told")).to_have_text("not rated")
    await rita.see("#mine-shelves").click()
    for name in ("Blue", "Green"):
        tick = rita.see(".own-shelves .tick", has_text=name)
        await tick.click()
        await expect(tick).to_have_attribute("aria-pressed", "true")
    await expect(rita.see("#mine-shelves")).to_contain_text("Blue, Green")
    await rita.see("#mine-tags").click()
    await rita.see("#mine-tags-field").fill("x" * 50)
    await rita.page.keyboard.press("Enter")
    await expect(rita.see("#mine-tags-field-error")).to_contain_text("At most 40")
    await rita.see("#mine-tags-field").fill("sea, whales")
    await rita.page.keyboard.press("Enter")
    await expect(rita.see("#mine-tags")).to_contain_text("sea, whales")
    await expect(rita.see("#mine-tags")).to_be_focused()
    await rita.see("#mine-visibility").select_option("everyone")
    await expect(rita.see("#mine-visibility")).to_have_value("everyone")
    await expect(rita.see(".pill.seen use")).to_have_attribute("href", re.compile("#globe$"))
    assert await rita.is_same_document()


async def test_the_same_without_scripts_and_on_a_phone(member: Member) -> None:
    for width in (1280, 390):
        name = f"sven{width}"
        sven = await member(name, java_script_enabled=False, viewport={"width": width, "height": 800})
        book = await sven.add(f"The book of {name}")
        await sven.go(f"{book['url']}/mine")
        await sven.see(".shelve button", has_text="Want to read").click()
        await sven.go(f"{book['url']}/mine")
        await expect(sven.see(".shelve button", has_text="Want to read")).to_have_attribute("aria-pressed", "true")
        await sven.see("#mine .half").nth(8).click()
        await sven.see("#rate button", has_text="Rate it").click()
        await sven.go(f"{book['url']}/mine")
        await expect(sven.see(".rate .told")).to_have_text("4½ of 5 stars")
        await sven.see("#mine-visibility").select_option("me")
        await sven.see(".pill.seen button", has_text="Save").click()
        await sven.go(f"/accounts/{name}/shelves/want")
        await expect(sven.see(".card h2")).to_have_text(f"The book of {name}")
        await sven.go(f"/accounts/{name}/shelves")
        await sven.see("#shelf-name").fill("For the holidays")
        await sven.see("#adding button", has_text="Make it").click()
        await expect(sven.see("h1")).to_have_text("For the holidays")
        for path in ("", "/want", "/for-the-holidays/edit"):
            await sven.go(f"/accounts/{name}/shelves{path}")
            assert await sven.is_whole_page()
            assert await sven.overflow() == 0
