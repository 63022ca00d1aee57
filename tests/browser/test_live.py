"""What others change appears by itself on an open page, and never under somebody's hands."""

import re
from typing import Any

from tests.browser.conftest import Member
from tests.browser.test_tasks import noted
from tests.browser.visitor import Visitor, expect

IN_A_HURRY = (
    "const slow = setTimeout; window.setTimeout = (f, ms, ...more) => slow(f, ms > 999 ? ms / 20 : ms, ...more)"
)
"""Lets waiting take a twentieth of its time."""
COUNT = """
const plain = window.fetch;
window.listens = 0;
window.fetch = (what, more) => {
  if (String(what).startsWith("/events") && more.headers.Accept.includes("stream")) window.listens += 1;
  return plain(what, more);
};
"""


async def another_tab(visitor: Visitor) -> Visitor:
    tab = Visitor(await visitor.page.context.new_page(), visitor.base, visitor.problems)
    tab.page.set_default_timeout(8000)
    return tab


async def test_what_somebody_else_does_appears_on_an_open_page(member: Member) -> None:
    lore, lars = await member("lore"), await member("lars")
    await lore.go("/dashboard")
    await lore.mark()
    await lars.add("A Book That Lars Brought")
    await expect(lore.see("#changes")).to_contain_text("A Book That Lars Brought")
    await noted(lore, "Noted on the telephone", of="lore", due_date="2020-01-01")
    await expect(lore.see("#due")).to_contain_text("Noted on the telephone")
    await expect(lore.see("#summary")).to_have_text("One task is overdue.")
    assert await lore.is_same_document()


async def test_nothing_moves_under_somebodys_hands(member: Member) -> None:
    lili = await member("lili")
    first = await noted(lili, "In the middle of it", of="lili")
    await lili.go("/accounts/lili/tasks")
    row = lili.see(f"#task-{first}")
    await row.locator("button", has_text="Edit").click()
    await row.locator("[name=name]").fill("Half a wo")
    await noted(lili, "From elsewhere", of="lili")
    await lili.page.wait_for_timeout(1500)
    await expect(row.locator("[name=name]")).to_have_value("Half a wo")
    await expect(row.locator("[name=name]")).to_be_focused()
    await expect(lili.see("#tasks")).not_to_contain_text("From elsewhere")
    await lili.page.keyboard.press("Escape")
    await expect(row).to_contain_text("In the middle of it")
    await expect(lili.see("#tasks")).to_contain_text("From elsewhere")


async def test_ones_own_change_is_no_news(member: Member) -> None:
    lotta = await member("lotta")
    task = await noted(lotta, "Done in a moment", of="lotta")
    await lotta.go("/accounts/lotta/tasks")
    await lotta.page.wait_for_timeout(500)
    check = lotta.see(f"#task-{task} button.check")
    await check.click()
    await expect(check).to_have_attribute("aria-pressed", "true")
    await lotta.page.wait_for_timeout(1500)
    await expect(check).to_have_attribute("aria-pressed", "true")  # and has not gone away with the next drawing
    await noted(lotta, "From elsewhere", of="lotta")
    await expect(lotta.see("#tasks")).to_contain_text("From elsewhere")


async def test_one_tab_listens_for_all(member: Member) -> None:
    loris = await member("loris")
    await loris.page.context.add_init_script(COUNT)
    tabs = [loris, await another_tab(loris), await another_tab(loris)]
    for tab in tabs:
        await tab.go("/accounts/loris/tasks")
    await loris.page.wait_for_timeout(500)
    await noted(loris, "For every tab", of="loris")
    for tab in reversed(tabs):
        await tab.page.bring_to_front()
        await expect(tab.see("#tasks")).to_contain_text("For every tab")
    assert sum([await tab.page.evaluate("window.listens") for tab in tabs]) == 1
    await tabs[0].page.close()
    await tabs[1].page.wait_for_timeout(500)
    await noted(tabs[1], "After the first was closed", of="loris")
    await expect(tabs[1].see("#tasks")).to_contain_text("After the first was closed")


async def test_where_nothing_can_be_streamed_the_page_asks_now_and_then(member: Member) -> None:
    luise = await member("luise")
    await luise.page.add_init_script(IN_A_HURRY)

    async def refuse(route: Any) -> None:
        if "event-stream" in route.request.headers["accept"]:
            await route.fulfill(status=503, body="")
        else:
            await route.continue_()

    await luise.page.route("**/events*", refuse)
    async with luise.page.expect_response(re.compile(r"/events\?last=\d+")):
        await luise.go("/accounts/luise/tasks")
    await noted(luise, "Heard a little later", of="luise")
    await expect(luise.see("#tasks")).to_contain_text("Heard a little later")
    luise.problems[:] = [problem for problem in luise.problems if "status of 503" not in problem]


async def test_a_page_that_was_away_too_long_looks_at_everything_again(member: Member) -> None:
    linus = await member("linus")
    told = "retry: 60000\n\nid: 1\nevent: reset\ndata: reset\n\n"

    async def reset(route: Any) -> None:
        await noted(linus, "Missed", of="linus")
        await route.fulfill(status=200, body=told, content_type="text/event-stream")

    await linus.page.route("**/events*", reset)
    await linus.go("/accounts/linus/tasks")
    await expect(linus.see("#tasks")).to_contain_text("Missed")
