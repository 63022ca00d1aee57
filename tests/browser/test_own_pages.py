"""The pages of people: quiet, readable for everybody, at every width."""

from datetime import timedelta
from typing import Any

import pytest

from bookapp.core import clock
from tests.browser.conftest import Member, Visit
from tests.browser.test_pages import LONG, TOO_SMALL, TOO_WIDE
from tests.browser.visitor import Visitor

DOORS = ("/register", "/login", "/login/code", "/login/reset", "/login/reset/choose", "/logout")
OWN = (
    "/logout",
    "/dashboard",
    "/books/2",
    "/accounts/{name}",
    "/accounts/{name}/edit",
    "/accounts/{name}/password",
    "/accounts/{name}/second-factor",
    "/accounts/{name}/sessions",
    "/accounts/{name}/tokens",
    "/accounts/{name}/deletion",
    "/accounts/{name}/tasks",
    "/accounts/{name}/tasks?show=all",
    "/accounts/{name}/tasks?q=nowhere",
    "/accounts/{name}/tasks/{task}",
    "/accounts/{name}/tasks/{task}/edit",
)


async def at_home(
    member: Member, name: str, word: str = "Return the novel", **options: Any
) -> tuple[Visitor, list[str]]:
    """Somebody with tasks of every kind and a token, and the addresses of their pages."""
    visitor = await member(name, **options)
    request, url = visitor.page.context.request, f"{visitor.base}/api/v1/accounts/{name}"
    for days in (-40, 0, 1, 20, None):
        due = None if days is None else (clock.now() + timedelta(days=days)).date().isoformat()
        task = {"name": word[:200], "note": word, "book_id": 2, "due_date": due}
        answer = await request.post(f"{url}/tasks", data=task)
        assert answer.status == 201, await answer.text()
    task_id = (await answer.json())["id"]
    assert (await request.post(f"{url}/tasks", data={"name": "Long done", "completed": True})).status == 201
    assert (await request.patch(url, data={"about": word * 3, "version": 1})).status == 200
    assert (await request.post(f"{url}/tokens", data={"name": word[:60]})).status == 201
    return visitor, [path.format(name=name, task=task_id) for path in OWN]


async def test_every_page_of_a_person_is_whole_and_quiet(member: Member) -> None:
    anke, addresses = await at_home(member, "anke")
    for path in addresses:
        await anke.go(path)
        await anke.page.wait_for_load_state()  # a page that listens is never done with the network
        assert await anke.is_whole_page(), path
        assert await anke.see("h1").count() == 1, path


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
async def test_every_page_of_a_person_is_accessible(visit: Visit, member: Member, theme: str, width: int) -> None:
    look: dict[str, Any] = {
        "viewport": {"width": width, "height": 900},
        "color_scheme": theme,
        "reduced_motion": "reduce",
        "bypass_csp": True,  # axe measures with inline styles of its own
    }
    guest, (berta, addresses) = await visit(**look), await at_home(member, f"berta-{theme}-{width}", **look)
    found = []
    for visitor, path in [*((guest, door) for door in DOORS), *((berta, address) for address in addresses)]:
        await visitor.go(path)
        found += await violations(visitor, path)
    assert found == []


async def test_what_appears_on_the_pages_of_a_person_is_accessible_too(visit: Visit, member: Member) -> None:
    look: dict[str, Any] = {"reduced_motion": "reduce", "bypass_csp": True}
    guest, (clara, _) = await visit(**look), await at_home(member, "clara", **look)
    await guest.go("/login")
    await guest.see("#username").fill("nobody.here")
    await guest.see("#password").fill("wrong")
    await guest.see("#form button").click()
    await guest.see("#form [role=alert]").wait_for()
    found = await violations(guest, "a wrong password")
    await clara.go("/accounts/clara/tasks")
    await clara.see("#adding #name").fill("   ")
    await clara.see("#adding button", has_text="Add").click()
    await clara.see("#adding .error").wait_for()
    await clara.see(".task button", has_text="Edit").first.click()
    await clara.see(".task.editing").wait_for()
    await clara.see(".task button.check").last.click()
    await clara.see(".task.done").wait_for()
    await clara.see("details.person summary").click()
    found += await violations(clara, "a task in work")
    await clara.go("/accounts/clara/tokens")
    await clara.see("#form #name").fill("For a script")
    await clara.see("#form button").click()
    await clara.see("#made").wait_for()
    found += await violations(clara, "a new token")
    assert found == []


async def violations(visitor: Visitor, where: str) -> list[str]:
    """What axe finds wrong."""
    from axe_playwright_python.async_playwright import Axe

    results = await Axe().run(visitor.page)
    return [
        f"{where}: {found['id']} ({found['impact']}): {[node['html'][:160] for node in found['nodes'][:3]]}"
        for found in results.response["violations"]
    ]


async def test_no_page_of_a_person_is_wider_than_the_window(member: Member) -> None:
    name = "d" * 20
    dirk, addresses = await at_home(member, name, LONG)
    wide = []
    for width in (320, 390, 768, 1280):
        await dirk.page.set_viewport_size({"width": width, "height": 700})
        for path in addresses:
            await dirk.go(path)
            if await dirk.overflow() > 0:
                wide.append((width, path, await dirk.page.evaluate(TOO_WIDE)))
    assert wide == []


async def test_targets_are_large_enough_for_a_finger(member: Member) -> None:
    edda, addresses = await at_home(member, "edda", viewport={"width": 390, "height": 800}, has_touch=True)
    for path in addresses:
        await edda.go(path)
        assert await edda.page.evaluate(TOO_SMALL) == [], path
