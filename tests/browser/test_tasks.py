"""The to-do list, the dashboard and the tasks of a book; with scripts and without."""

import re
from datetime import timedelta

from bookapp.core import clock
from tests.browser.conftest import Member
from tests.browser.visitor import Visitor, expect


async def noted(visitor: Visitor, name: str, **fields: object) -> int:
    """A task that was written down before."""
    answer = await visitor.page.context.request.post(
        f"{visitor.base}/api/v1/accounts/{fields.pop('of')}/tasks", data={"name": name, **fields}
    )
    assert answer.status == 201, await answer.text()
    return int((await answer.json())["id"])


def day(days: int) -> str:
    """A date so many days from today."""
    return (clock.now() + timedelta(days=days)).date().isoformat()


async def test_a_task_is_added_done_and_taken_back_on_the_dashboard(member: Member) -> None:
    olga = await member("olga")
    await olga.go("/dashboard")
    await olga.mark()
    await expect(olga.see("#summary")).to_have_text("Nothing is due within a week.")
    await olga.see("#adding #name").fill("Return the novel")
    await olga.see("#adding #due_date").fill(day(1))
    await olga.page.keyboard.press("Enter")
    row = olga.see(".task", has_text="Return the novel")
    await expect(row).to_contain_text("tomorrow")
    await expect(olga.see(".toast")).to_contain_text("Added Return the novel.")
    await expect(olga.see("#adding #name")).to_be_focused()
    await expect(olga.see("#adding #name")).to_have_value("")
    check = row.locator("button.check")
    await expect(check).to_have_attribute("aria-pressed", "false")
    await check.focus()
    await olga.page.keyboard.press("Enter")
    await expect(check).to_have_attribute("aria-pressed", "true")
    await expect(check).to_be_focused()
    await olga.see(".toast", has_text="Done: Return the novel.").locator("button", has_text="Undo").click()
    await expect(check).to_have_attribute("aria-pressed", "false")
    await expect(olga.see("#summary")).to_have_text("What is due within a week comes first.")
    await check.click()
    await expect(check).to_have_attribute("aria-pressed", "true")
    await check.click()
    await expect(check).to_have_attribute("aria-pressed", "false")
    assert await olga.is_same_document()


async def test_the_same_without_scripts(member: Member) -> None:
    paul = await member("paul", java_script_enabled=False)
    await paul.go("/dashboard")
    await paul.see("#adding #name").fill("Return the novel")
    await paul.see("#adding #due_date").fill(day(-2))
    await paul.see("#adding button", has_text="Add").click()
    await expect(paul.see(".toast")).to_contain_text("Added Return the novel.")
    await expect(paul.see("h1")).to_have_text("Return the novel")
    await paul.go("/dashboard")
    await expect(paul.see("#summary")).to_have_text("One task is overdue.")
    await paul.see(".task button.check").click()
    await expect(paul.page).to_have_url(re.compile("/accounts/paul/tasks$"))
    await expect(paul.see("#tasks")).to_contain_text("Nothing to do")
    await paul.see(".toast button", has_text="Undo").click()
    await expect(paul.see(".toast")).to_contain_text("To do again: Return the novel.")
    await expect(paul.see(".task-group.overdue h2")).to_have_text("Overdue")
    await paul.see(".task button", has_text="Edit").click()
    await paul.see(".task.editing [name=name]").fill("   ")
    await paul.see(".task.editing button", has_text="Save").click()
    field = paul.see(".task.editing [name=name]")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_be_focused()
    await field.fill("Return both novels")
    await paul.see(".task.editing [name=due_date]").fill(f"{day(3)} 18:00")
    await paul.see(".task.editing button", has_text="Save").click()
    await expect(paul.see(".task")).to_contain_text("18:00")
    await paul.see(".task button", has_text="Delete").click()
    await expect(paul.see(".task")).to_have_count(0)
    await paul.see(".toast button", has_text="Undo").click()
    await expect(paul.see(".task")).to_contain_text("Return both novels")


async def test_a_list_is_worked_through_without_a_reload(member: Member) -> None:
    rosa = await member("rosa")
    for name, due in (("First", -1), ("Second", 30), ("Third", None)):
        await noted(rosa, name, of="rosa", due_date=None if due is None else day(due))
    await rosa.go("/accounts/rosa/tasks")
    await rosa.mark()
    count = rosa.see("#tasks .count")
    await expect(count).to_have_text("3 tasks to do")
    await rosa.see(".task", has_text="First").locator("button.check").click()
    await expect(count).to_have_text("2 tasks to do")
    await rosa.see(".task", has_text="Third").locator("button", has_text="Delete").click()
    await expect(rosa.see(".task", has_text="Third")).to_have_count(0)
    await expect(rosa.see(".task-group.none")).to_be_hidden()
    await rosa.see(".toast", has_text="Deleted").locator("button", has_text="Undo").click()
    await expect(rosa.see(".task", has_text="Third")).to_have_count(1)
    await rosa.see("#show-done").click()
    await expect(rosa.see("#tasks .task")).to_have_count(1)
    await expect(rosa.page).to_have_url(re.compile(r"\?show=done$"))
    assert await rosa.focus() == "show-done"
    await rosa.see("#show-any").click()
    await rosa.see("#task-q").press_sequentially("sec", delay=30)
    await expect(rosa.see("#tasks .task")).to_have_count(1)
    assert await rosa.focus() == "task-q"
    assert await rosa.is_same_document()


async def test_a_row_becomes_a_form_and_goes_back(member: Member) -> None:
    sven = await member("sven")
    task_id = await noted(sven, "Before the edit", of="sven")
    await sven.go("/accounts/sven/tasks")
    await sven.mark()
    row = sven.see(f"#task-{task_id}")
    await row.locator("button", has_text="Edit").click()
    await expect(row.locator("[name=name]")).to_be_focused()
    await sven.page.keyboard.type("Never saved")
    await sven.page.keyboard.press("Escape")
    await expect(row).to_contain_text("Before the edit")
    await row.locator("button", has_text="Edit").click()
    await row.locator("[name=due_date]").fill("soon")
    await row.locator("button", has_text="Save").click()
    wrong = row.locator("[name=due_date]")
    await expect(wrong).to_have_attribute("aria-invalid", "true")
    await expect(wrong).to_have_attribute("aria-describedby", re.compile(f"edit-due-{task_id}-error"))
    await expect(wrong).to_be_focused()
    await expect(row.locator("[role=alert]")).to_contain_text("marked field")
    await wrong.fill("31/03/2099 18:00:00")
    await row.locator("[name=name]").fill("After the edit")
    await sven.page.keyboard.press("Enter")
    await expect(row).to_contain_text("After the edit")
    await expect(row).to_contain_text("31 March 2099, 18:00")
    assert await sven.is_same_document()


async def test_a_clash_in_two_windows_is_told(member: Member) -> None:
    tara = await member("tara")
    task_id = await noted(tara, "In two windows", of="tara")
    await tara.go("/accounts/tara/tasks")
    row = tara.see(f"#task-{task_id}")
    await row.locator("button", has_text="Edit").click()
    await row.locator("[name=name]").fill("From this window")
    answer = await tara.page.context.request.put(
        f"{tara.base}/api/v1/accounts/tara/tasks/{task_id}", data={"name": "From the other", "version": 1}
    )
    assert answer.status == 200
    await row.locator("button", has_text="Save").click()
    dialog = tara.see("dialog#message")
    await expect(dialog).to_contain_text("From the other")
    await expect(dialog).to_contain_text("From this window")
    await dialog.locator("button", has_text="Save mine over it").click()
    await expect(row).to_contain_text("From this window")


async def test_one_click_adds_a_book_to_the_tasks(member: Member) -> None:
    ute = await member("ute")
    await ute.go("/books/2")
    await ute.mark()
    assert await ute.focus() == ""  # looking for tasks does not take the focus
    add = ute.see("#add-task button")
    await add.click()
    row = ute.see("#book-tasks .task")
    await expect(row).to_contain_text("Read Emma")
    await expect(add).to_be_hidden()
    await expect(ute.see(".toast")).to_contain_text("Added Read Emma.")
    assert await ute.is_same_document()
    await ute.page.reload()
    await expect(row).to_contain_text("Read Emma")
    await expect(add).to_be_hidden()
    await row.locator("button.check").click()
    await expect(row.locator("button.check")).to_have_attribute("aria-pressed", "true")
    await expect(add).to_be_visible()
    await row.locator("button", has_text="Delete").click()
    await expect(row).to_have_count(0)
    await ute.see(".toast", has_text="Deleted").locator("button", has_text="Undo").click()
    await expect(row).to_contain_text("Read Emma")


async def test_a_book_is_added_to_the_tasks_without_scripts(member: Member) -> None:
    vera = await member("vera", java_script_enabled=False)
    await vera.go("/books/2")
    await vera.see("#add-task button").click()
    await expect(vera.see(".task")).to_contain_text("Read Emma")
    await vera.see(".task a", has_text="Emma").click()
    await vera.see("a", has_text="Your tasks about this book").click()
    await expect(vera.see("#tasks .count")).to_have_text("1 task to do about Emma")


async def test_guests_are_offered_no_tasks(reader: Visitor) -> None:
    await reader.go("/books/2")
    await expect(reader.see(".book-tasks")).to_have_count(0)


async def test_the_calendar_gets_another_address(member: Member) -> None:
    willi = await member("willi")
    await noted(willi, "In the calendar", of="willi", due_date=day(1))
    await willi.go("/accounts/willi/tasks")
    await willi.mark()
    field = willi.see("#feed-address")
    old = await field.input_value()
    asked = willi.page.context.request
    assert "In the calendar" in await (await asked.get(old)).text()
    await willi.see("#feed button", has_text="Renew").click()
    await expect(field).not_to_have_value(old)
    await expect(willi.see(".toast")).to_contain_text("The old one no longer works.")
    assert (await asked.get(old)).status == 404
    assert (await asked.get(await field.input_value())).status == 200
    assert await willi.is_same_document()
