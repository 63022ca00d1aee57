"""Scanning books: with a camera, with a hand scanner, by pasting; and how well barcodes are read."""

import base64
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.browser.barcodes import film, picture
from tests.browser.conftest import CHROMIUM, FLAGS, Member, Visit
from tests.browser.visitor import Visitor, expect

FIRST, SECOND, THIRD, ABSENT = "9780141439587", "9780141439686", "9781234567897", "9780306406157"
READ = """async (pictures) => {
  const found = [];
  for (const url of pictures) {
    const bitmap = await createImageBitmap(await (await fetch(url)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const pen = canvas.getContext("2d");
    pen.drawImage(bitmap, 0, 0);
    found.push(Ean13.read(pen.getImageData(0, 0, bitmap.width, bitmap.height), 5));
  }
  return found;
}"""
SCRIPT = Path(__file__).parents[2] / "src" / "bookapp" / "static" / "js" / "ean13.js"
Filmed = Callable[..., Awaitable[Visitor]]


def _url(code: str, **how: float) -> str:
    out = io.BytesIO()
    picture(code, **how).save(out, "PNG")  # type: ignore[arg-type]  # numbers of either kind
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


@pytest.fixture
async def filmed(server: str, member: Member, tmp_path: Path) -> AsyncIterator[Filmed]:
    """Makes members whose camera shows pictures, or who have none; nobody may have met a problem at the end."""
    from playwright.async_api import async_playwright

    visitors: list[Visitor] = []
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())

        async def come(name: str, *codes: str, may: bool = True, script: str = "") -> Visitor:
            flags = list(FLAGS)
            if codes:
                shots = [picture(code, angle=4, blur=0.8, noise=8) for code in codes]
                film(
                    tmp_path / "film.y4m",
                    [shot for shot in shots for _ in range(15)],
                )
                flags += ["--use-fake-device-for-media-stream"]
                flags += [f"--use-file-for-fake-video-capture={tmp_path / 'film.y4m'}"]
            flags += ["--use-fake-ui-for-media-stream"] if may else []
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=flags)
            stack.push_async_callback(browser.close)
            await member(name)
            context = await browser.new_context(viewport={"width": 390, "height": 844})
            if script:
                await context.add_init_script(script)
            visitors.append(await Visitor.come(context, server))
            await visitors[-1].sign_in(name)
            return visitors[-1]

        yield come
    assert [problem for visitor in visitors for problem in visitor.problems] == []


async def test_barcodes_are_read_as_a_camera_sees_them(visit: Visit) -> None:
    reader = await visit()
    await reader.page.goto("about:blank")
    await reader.page.add_script_tag(content=SCRIPT.read_text() + "\nglobalThis.Ean13 = Ean13;")
    ways: list[dict[str, float]] = [
        {}, {"module": 1.6}, {"module": 2.3}, {"module": 4}, {"angle": 6}, {"angle": -14}, {"angle": 25}, {"angle": 90},
        {"angle": 180}, {"blur": 1}, {"blur": 1.5}, {"noise": 20}, {"noise": 45}, {"contrast": 0.35}, {"shade": 0.6},
        {"angle": 8, "blur": 1, "noise": 18, "contrast": 0.7, "shade": 0.3},
    ]  # fmt: skip
    asked = [(code, _url(code, **way)) for way in ways for code in (FIRST, SECOND, THIRD)]
    read = await reader.page.evaluate(READ, [url for _code, url in asked])
    right = sum(found == code for found, (code, _url) in zip(read, asked, strict=True))
    assert {found for found in read if found} <= {FIRST, SECOND, THIRD}, "read something that is not there"
    assert right >= 0.9 * len(asked), f"{right} of {len(asked)}"
    nothing = [_url(FIRST, module=3, blur=9), _url(FIRST, noise=250)]
    assert await reader.page.evaluate(READ, nothing) == [None, None]


async def test_the_camera_puts_books_on_a_shelf(filmed: Filmed) -> None:
    scott = await filmed("scott", FIRST, ABSENT)
    await scott.add("Emma in the film", isbn=FIRST)
    await scott.go("/scan")
    assert await scott.page.evaluate("document.querySelector('video').srcObject") is None  # only after a click
    await scott.see("#scan-shelf").select_option("read")
    await scott.see("#scan-owned").check()
    await scott.see("[data-camera=start]").click()
    await expect(scott.see("video")).to_be_visible()
    line = scott.see(".scanned.is-added")
    await expect(line).to_contain_text("Emma in the film is on Read now, and marked as yours.")
    await expect(scott.see(".scanned.is-unknown")).to_contain_text(ABSENT)
    assert await scott.overflow() <= 0
    await scott.page.wait_for_timeout(2500)  # the film goes round, and the same book is in view again
    await expect(scott.see("#scanned-list > li")).to_have_count(2)
    await scott.see("[data-camera=stop]").click()
    await expect(scott.see("video")).to_be_hidden()
    await expect(scott.see("[data-camera=start]")).to_be_focused()
    assert await scott.page.evaluate("document.querySelector('video').srcObject") is None
    await line.locator("button").click()
    await expect(scott.see(".scanned.is-found")).to_contain_text("Taken back.")


async def test_a_browser_that_reads_barcodes_itself_is_asked(filmed: Filmed) -> None:
    own = f"""globalThis.BarcodeDetector = class {{
      static async getSupportedFormats() {{ return ["ean_13"]; }}
      async detect() {{ return [{{ rawValue: "4006381333931" }}, {{ rawValue: "{THIRD}" }}]; }}
    }};"""
    thea = await filmed("thea", FIRST, script=own)
    await thea.go("/scan")
    await thea.see("[data-camera=start]").click()
    await expect(thea.see("#scanned-list > li")).to_have_count(1)
    await expect(thea.see(".scanned")).to_contain_text(THIRD)
    await thea.go("/books")  # leaving ends it, without a complaint


async def test_no_camera_and_no_permission_are_said(filmed: Filmed) -> None:
    ulla = await filmed("ulla", may=False)
    await ulla.go("/scan")
    await ulla.see("[data-camera=start]").click()
    await expect(ulla.see(".camera-says")).to_have_text(re.compile("not allowed|No camera was found"))
    await expect(ulla.see("[data-camera=start]")).to_be_visible()


async def test_a_hand_scanner_is_as_fast_as_it_likes(member: Member) -> None:
    vera = await member("vera")
    for title, isbn in (("Sense", "9780141439662"), ("Mansfield", "9780141439808")):
        await vera.add(title, isbn=isbn)
    await vera.go("/scan")
    await vera.see("#scan-shelf").select_option("want")
    await vera.see("#scan-isbns").focus()
    for isbn in ("9780141439662", "9780141439808", "9780141439663", "9780141439662"):
        await vera.page.keyboard.type(isbn)
        await vera.page.keyboard.press("Enter")
    await expect(vera.see("#scanned-list > li")).to_have_count(4)
    words = [text.strip() for text in await vera.see(".scanned-word").all_inner_texts()]
    assert words == ["Yours already", "No ISBN", "Added", "Added"]  # the last one first
    await expect(vera.see("#said")).to_have_text("Sense is on your shelf Want to read already.")
    await expect(vera.see("#scan-isbns")).to_have_value("")
    await expect(vera.see("#scan-isbns")).to_be_focused()


async def test_a_paste_without_scripts(member: Member) -> None:
    wim = await member("wim", java_script_enabled=False)
    await wim.go("/scan")
    await expect(wim.see("#camera")).to_be_hidden()
    await wim.see("#scan-isbns").fill(f"{ABSENT}\n{ABSENT}\nnonsense")
    await wim.see("#scanning button").click()
    words = [text.strip() for text in await wim.see(".scanned-word").all_inner_texts()]
    assert words == ["Not here yet", "Twice", "No ISBN"]
    await wim.see(".scanned a", has_text="Add it by hand").click()
    await expect(wim.see("[name=isbn]")).to_have_value(ABSENT)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong(member: Member, scheme: str) -> None:
    from axe_playwright_python.async_playwright import Axe

    name = f"xenia-{scheme}"
    # axe measures with inline styles of its own, which our policy would rightly block.
    more = {"bypass_csp": True, "color_scheme": scheme, "viewport": {"width": 390, "height": 844}}
    xenia = await member(name, **more)
    for path in ("/scan", f"/scan?isbns={ABSENT}.x.{ABSENT}&shelf=want", f"/isbn/{ABSENT}"):
        await xenia.go(path)
        results = await Axe().run(xenia.page)
        assert [(v["id"], v["nodes"][0]["html"]) for v in results.response["violations"]] == [], path
        assert await xenia.overflow() <= 0, path
