"""Searching, narrowing, going on and coming back."""

import re

from tests.browser.visitor import Visitor, expect


async def test_a_search_answers_while_one_types_and_can_be_shared(reader: Visitor) -> None:
    await reader.add("Zugzwang in Zermatt")
    await reader.go("/books")
    await reader.mark()
    await reader.see("#find #q").press_sequentially("zugz", delay=30)
    await expect(reader.see("#results .count")).to_contain_text("1 book")
    await expect(reader.see("#results")).to_contain_text("Zugzwang in Zermatt")
    await expect(reader.page).to_have_url(re.compile(r"[?&]q=zugz"))
    assert await reader.is_same_document()
    assert await reader.focus() == "q"
    await reader.page.reload()
    assert await reader.is_whole_page()
    await expect(reader.see("#find #q")).to_have_value("zugz")
    await expect(reader.see("#results")).to_contain_text("Zugzwang in Zermatt")


async def test_a_typing_error_is_mended_and_told(reader: Visitor) -> None:
    await reader.go("/books?q=pride+and+prejudce")
    await expect(reader.see("#results")).to_contain_text("Pride and Prejudice")
    await expect(reader.see(".mended")).to_contain_text("pride and prejudice")


async def test_back_always_shows_whole_pages(reader: Visitor) -> None:
    await reader.go("/")
    await reader.see("nav.places a", has_text="Books").click()
    await expect(reader.see("#find #q")).to_be_visible()
    for typed in ("e", "em", "emm", "emma"):  # However slowly it is typed, one search is one step back.
        await reader.see("#find #q").press_sequentially(typed[-1])
        await expect(reader.page).to_have_url(re.compile(rf"[?&]q={typed}$"))
    await reader.see("#results .card h2 a, #results tr.row a[id]").first.click()
    await expect(reader.see("#book h1")).to_be_visible()
    for expected in (r"q=emma", r"/books$", r"/$"):
        await reader.page.go_back()
        await expect(reader.page).to_have_url(re.compile(expected))
        assert await reader.is_whole_page()
        await expect(reader.see("main h1").first).to_be_visible()
    await reader.page.go_forward()
    assert await reader.is_whole_page()
    assert await reader.see("#results").count() == 1


async def test_a_fragments_address_typed_by_hand_is_a_whole_page(reader: Visitor) -> None:
    for path in ("/books/1/row", "/books/1/edit", "/books?q=emma", "/books/1/details", "/get-edit-form/1"):
        await reader.go("/")
        await reader.go(path)
        assert await reader.is_whole_page(), path


async def test_a_facet_narrows_and_its_chip_widens(reader: Visitor) -> None:
    await reader.go("/books")
    await reader.mark()
    facet = reader.see("#facets .facet a").first
    label = (await facet.locator("span").inner_text()).strip()
    count = (await facet.locator("small").inner_text()).strip()
    await facet.click()
    await expect(reader.see(".chips a")).to_contain_text(label)
    await expect(reader.see("#results .count")).to_contain_text(f"{count} book")
    await expect(reader.page).to_have_url(re.compile(r"[?&](subject|author)="))
    assert await reader.is_same_document()
    await reader.see("#find #q").press_sequentially("the", delay=30)
    await expect(reader.page).to_have_url(re.compile(r"q=the"))
    await expect(reader.page).to_have_url(re.compile(r"[?&](subject|author)="))
    await reader.see(".chips a").first.click()
    await expect(reader.see(".chips a")).to_have_count(0)
    await reader.page.go_back()
    assert await reader.is_whole_page()
    await expect(reader.see(".chips a")).to_contain_text(label)


async def test_show_more_adds_and_repeats_nothing(reader: Visitor) -> None:
    await reader.go("/books?sort=title")
    await reader.mark()
    cards = reader.see("#results .wall > li.card")
    before = await cards.count()
    assert before == 40
    await reader.see("[data-more]").click()
    await expect(cards.nth(before)).to_be_visible()
    titles = await reader.see("#results .wall > li.card h2 a").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert len(titles) > before
    assert len(titles) == len(set(titles))
    assert await reader.page.evaluate("document.activeElement.closest('li.card') !== null")
    assert await reader.is_same_document()


async def test_sorting_stays_inside_the_page(reader: Visitor) -> None:
    await reader.go("/books")
    await reader.mark()
    await reader.see(".sorting a", has_text="Title").click()
    await expect(reader.page).to_have_url(re.compile(r"sort=title"))
    await expect(reader.see(".sorting a[aria-current]")).to_have_text("Title")
    assert await reader.is_same_document()


async def test_the_choice_of_table_or_wall_is_remembered(reader: Visitor) -> None:
    await reader.go("/books")
    await reader.see("button[name=view][value=table]").click()
    await expect(reader.see("#results table.books")).to_be_visible()
    await reader.page.reload()
    await expect(reader.see("#results table.books")).to_be_visible()
    await reader.see("button[name=view][value=wall]").click()
    await expect(reader.see("#results ul.wall")).to_be_visible()


async def test_the_theme_is_switched_at_once_and_remembered(reader: Visitor) -> None:
    await reader.go("/")
    root = reader.see("html")
    colours = {}
    for theme in ("dark", "light"):
        async with reader.page.expect_response("**/preferences"):
            await reader.see(f"button[name=theme][value={theme}]").click()
        await expect(root).to_have_attribute("data-theme", theme)
        await reader.page.reload()
        await expect(root).to_have_attribute("data-theme", theme)
        await expect(reader.see(f"button[name=theme][value={theme}]")).to_have_attribute("aria-pressed", "true")
        colours[theme] = await reader.page.evaluate(
            "[document.body, document.documentElement].map(e => getComputedStyle(e).backgroundColor).join()"
        )
    assert colours["dark"] != colours["light"]
    await reader.see("button[name=theme][value=auto]").click()
    assert await root.get_attribute("data-theme") is None


async def test_the_keys_do_what_the_list_says(reader: Visitor) -> None:
    await reader.go("/")
    await reader.page.keyboard.press("/")
    assert await reader.focus() == "q"
    await reader.page.keyboard.type("n/e?")
    await expect(reader.see("#q")).to_have_value("n/e?")
    await reader.go("/")
    await reader.page.keyboard.press("n")
    await expect(reader.see("#form #title")).to_be_focused()
    await reader.go("/")
    await reader.page.keyboard.press("e")
    await expect(reader.see("tr.editing [name=title]")).to_be_focused()
    await reader.page.keyboard.press("Escape")
    await expect(reader.see("tr.editing")).to_have_count(0)
    await reader.page.keyboard.press("?")
    dialog = reader.see("dialog#message")
    await expect(dialog).to_be_visible()
    await expect(dialog).to_contain_text("Keyboard keys")
    await reader.page.keyboard.press("Escape")
    await expect(dialog).not_to_be_visible()
    await reader.go("/books/1")
    await reader.page.keyboard.press("e")
    await expect(reader.page).to_have_url(re.compile(r"/books/1/details"))
    await reader.go("/books")
    await reader.page.keyboard.press("n")
    await expect(reader.page).to_have_url(re.compile(r"/books/new"))


async def test_everything_can_be_reached_by_tab(reader: Visitor) -> None:
    await reader.go("/")
    await reader.page.keyboard.press("Tab")
    assert await reader.page.evaluate("document.activeElement.className") == "skip"
    await reader.page.keyboard.press("Enter")
    assert await reader.focus() == "main"
    await reader.go("/books")
    seen = set()
    for _ in range(12):
        await reader.page.keyboard.press("Tab")
        seen.add(
            await reader.page.evaluate(
                "(e => e.tagName + '.' + (e.id || e.textContent.trim().slice(0, 12)))(document.activeElement)"
            )
        )
        outline = await reader.page.evaluate(
            "(s => s.outlineStyle !== 'none' || s.boxShadow !== 'none')(getComputedStyle(document.activeElement))"
        )
        assert outline, "the focus cannot be seen"
    assert "INPUT.q" in seen
