"""Every page: nothing wrong behind it, readable for everybody, at every width."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor

PAGES = (
    "/",
    "/books",
    "/books?q=emma",
    "/books?q=zzzzqqqq",
    "/books?subject=fantasy&sort=title",
    "/books/new",
    "/books/1",
    "/books/1/edit",
    "/books/1/details",
    "/books/1/row",
    "/authors",
    "/authors?q=a",
    "/authors/1",
    "/authors/1/edit",
    "/about",
    "/about/keys",
    "/nothing-here",
)
TOO_WIDE = """[...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 9).map(e => e.outerHTML.slice(0, 90))"""
TOO_SMALL = """[...document.querySelectorAll("button, summary, input:not([type=hidden]), a.button")]
  .filter(e => e.checkVisibility() && !e.closest('.visually-hidden') && e.getBoundingClientRect().width > 1)
  .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24).map(([html]) => html)"""
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2


async def test_every_page_is_whole_and_quiet(reader: Visitor) -> None:
    for path in PAGES:
        await reader.go(path)
        await reader.page.wait_for_load_state("networkidle")
        assert await reader.is_whole_page(), path
        assert await reader.page.title() != ""
        assert await reader.see("h1").count() == 1, path
    assert reader.problems == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_page_is_accessible(visit: Visit, theme: str, width: int) -> None:
    from axe_playwright_python.async_playwright import Axe

    # axe measures with inline styles of its own, which our policy would rightly block.
    reader = await visit(
        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce", bypass_csp=True
    )
    found = []
    for path in PAGES:
        await reader.go(path)
        results = await Axe().run(reader.page)
        for violation in results.response["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            found.append(f"{path}: {violation['id']} ({violation['impact']}): {nodes}")
    assert found == []


async def test_what_appears_on_a_page_is_accessible_too(visit: Visit) -> None:
    from axe_playwright_python.async_playwright import Axe

    reader = await visit(reduced_motion="reduce", bypass_csp=True)
    await reader.go("/")
    await reader.see("#form #title").fill("  ")
    await reader.see("#form #author").fill("A")
    await reader.see("#form button", has_text="Add").click()
    await reader.see("#form .error").wait_for()
    await reader.see("tr.row button", has_text="Edit Title").first.click()
    await reader.see("tr.editing").wait_for()
    book = await reader.add("Accessible toast")
    await reader.go("/books/new")
    await reader.go("/")
    await reader.see(f"#book-{book['id']} button", has_text="Delete").click()
    await reader.see(".toast").wait_for()
    found = [(await Axe().run(reader.page)).response["violations"]]
    await reader.page.keyboard.press("?")
    await reader.see("dialog#message[open]").wait_for()
    found.append((await Axe().run(reader.page)).response["violations"])
    assert [[violation["id"] for violation in violations] for violations in found] == [[], []]


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
async def test_no_page_is_wider_than_the_window(visit: Visit, width: int) -> None:
    reader = await visit(viewport={"width": width, "height": 700})
    book = await reader.add(
        f"{LONG} {width}", f"{LONG[:100]} {width}", subjects=[LONG[:60]], series=LONG, description=LONG
    )
    wide = []
    for path in (
        *PAGES,
        f"/books/{book['id']}",
        f"/books/{book['id']}/edit",
        f"/books/{book['id']}/details",
        f"/authors/{book['author']['id']}",
    ):
        await reader.go(path)
        if await reader.overflow() > 0:
            wide.append((path, await reader.page.evaluate(TOO_WIDE)))
    await reader.page.context.request.delete(f"{reader.base}/api/v1/books/{book['id']}")
    assert wide == []


async def test_an_edit_row_fits_a_phone(visit: Visit) -> None:
    reader = await visit(viewport={"width": 320, "height": 700})
    await reader.go("/")
    await reader.see("tr.row button", has_text="Edit Title").first.click()
    await reader.see("tr.editing").wait_for()
    assert await reader.overflow() <= 0
    for name in ("Save", "Cancel"):
        box = await reader.see("tr.editing button", has_text=name).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
        assert box["height"] >= 24


@pytest.mark.parametrize("path", ["/", "/books", "/books/1", "/books/1/details"])
async def test_a_page_is_usable_at_200_percent(visit: Visit, path: str) -> None:
    """Zoomed, a window of 1280 pixels has room for 640; letters alone can be twice as large, too."""
    zoomed = await visit(viewport={"width": 640, "height": 450}, device_scale_factor=2)
    await zoomed.go(path)
    assert await zoomed.overflow() <= 0
    large = await visit()
    await large.go(path)
    await large.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert await large.overflow() <= 0
    for reader in (zoomed, large):
        for selector in ("header.frame a.name", "main h1", "footer.frame a"):
            assert await reader.see(selector).first.is_visible(), selector


async def test_targets_are_large_enough_for_a_finger(visit: Visit) -> None:
    reader = await visit(viewport={"width": 390, "height": 800}, has_touch=True)
    for path in ("/", "/books", "/books/1"):
        await reader.go(path)
        assert await reader.page.evaluate(TOO_SMALL) == [], path


async def test_a_busy_server_is_told_and_can_be_asked_again(reader: Visitor) -> None:
    book = await reader.add("Deleted on the second try")
    await reader.go("/")
    target = f"**/books/{book['id']}"
    await reader.page.route(target, lambda route: route.fulfill(status=503, body="", headers={"Retry-After": "1"}))
    await reader.see(f"#book-{book['id']} button", has_text="Delete").click()
    toast = reader.see(".toast[data-kind=error]")
    await toast.wait_for()
    assert await reader.see(f"#book-{book['id']}").count() == 1
    await reader.page.unroute(target)
    await toast.locator("button", has_text="Retry").click()
    await reader.see(f"#book-{book['id']}").wait_for(state="detached")
    reader.problems[:] = [problem for problem in reader.problems if "503" not in problem]
