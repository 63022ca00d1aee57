"""Coming in, one's own pages, going out; with scripts and without."""

import re

import pytest

from tests.browser.conftest import Member, Visit
from tests.browser.visitor import Visitor, expect
from tests.people import PASSWORD

EITHER = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


async def filled(visitor: Visitor, **fields: str) -> None:
    """Type into the form of the page, and send it."""
    for name, value in fields.items():
        await visitor.see(f"#form [name={name}]").fill(value)
    await visitor.see("#form .doing button").first.click()


async def told(visitor: Visitor, text: str) -> None:
    """The newest message says so, where a screen reader hears it."""
    await expect(visitor.see("#toasts[role=status][aria-live=polite] .toast").last).to_contain_text(text)


@EITHER
async def test_somebody_registers_comes_in_and_goes_out(visit: Visit, scripts: bool) -> None:
    visitor = await visit(java_script_enabled=scripts)
    name = "hanna" if scripts else "plain.hanna"
    await visitor.go("/dashboard")
    await expect(visitor.page).to_have_url(re.compile(r"/login\?next=%2Fdashboard$"))
    await visitor.see("a", has_text="Register").click()
    await filled(visitor, username=name, email=f"{name}@example.org", password=PASSWORD)
    await told(visitor, "Registration successful! Please log in.")
    await filled(visitor, username=name, password=PASSWORD)
    await expect(visitor.page).to_have_url(re.compile("/dashboard$"))
    await told(visitor, "Logged in successfully!")
    await expect(visitor.see("h1")).to_have_text(f"Welcome, {name}!")
    await visitor.see("details.person summary").click()
    await visitor.see("details.person button", has_text="Log out").click()
    await told(visitor, "Logged out.")
    await expect(visitor.see("a.person")).to_contain_text("Log in")
    await visitor.go("/logout")
    await expect(visitor.see("#form")).to_contain_text("You are not logged in.")


async def test_a_message_stays_until_it_is_dismissed(visit: Visit, member: Member) -> None:
    ida = await member("ida")
    await ida.go("/accounts/ida/edit")
    await filled(ida, about="Mostly at night.")
    await told(ida, "Saved your profile.")
    dismiss = ida.see(".toast button[aria-label='Dismiss this message']")
    await dismiss.focus()
    await ida.page.keyboard.press("Enter")
    await expect(ida.see(".toast")).to_have_count(0)
    plain = await member("ida", known=True, java_script_enabled=False)
    await plain.go("/accounts/ida/edit")
    await filled(plain, about="By day, too.")
    await told(plain, "Saved your profile.")
    await expect(plain.see(".toast [data-dismiss]")).to_be_hidden()  # nothing would happen
    await plain.page.reload()
    await expect(plain.see(".toast")).to_have_count(0)


@EITHER
async def test_what_is_wrong_stands_under_its_field_and_is_heard(visit: Visit, scripts: bool) -> None:
    visitor = await visit(java_script_enabled=scripts)
    await visitor.go("/register")
    await filled(visitor, username="a b", email="ida@example", password=PASSWORD)
    for name in ("username", "email"):
        field = visitor.see(f"#{name}")
        await expect(field).to_have_attribute("aria-invalid", "true")
        assert f"{name}-error" in str(await field.get_attribute("aria-describedby"))
        await expect(visitor.see(f"#{name}-error")).to_be_visible()
    await expect(visitor.see("#form [role=alert]")).to_contain_text("marked fields")
    await expect(visitor.see("#username")).to_be_focused()
    await filled(visitor, username="somebody.new", email="somebody@example.com", password="too short")
    await expect(visitor.see("#password-error")).to_be_visible()
    await expect(visitor.see("#password")).to_be_focused()
    await expect(visitor.see("#password")).to_have_value("")
    await expect(visitor.see("#email")).to_have_value("somebody@example.com")
    await expect(visitor.see("#email")).not_to_have_attribute("aria-invalid", "true")
    await visitor.go("/login")
    await filled(visitor, username="nobody.here", password="wrong")
    await expect(visitor.see("#form [role=alert]")).to_have_text("Invalid username or password")
    await expect(visitor.see("#username")).to_have_value("nobody.here")
    await expect(visitor.see("#password")).to_be_focused()


@EITHER
async def test_a_profile_is_edited(member: Member, scripts: bool) -> None:
    name = "jana" if scripts else "plain.jana"
    jana = await member(name, java_script_enabled=scripts)
    await jana.go(f"/accounts/{name}")
    await jana.see("nav.own a", has_text="Edit").click()
    await filled(jana, about="Novels.\nNo poems.", time_zone="Europe/Nowhere")
    await expect(jana.see("#time_zone")).to_be_focused()
    await expect(jana.see("#about")).to_have_value("Novels.\nNo poems.")
    await filled(jana, time_zone="Europe/Berlin")
    await told(jana, "Saved your profile.")
    await expect(jana.see("#person .about")).to_have_text("Novels.\nNo poems.")
    await expect(jana.see("#person")).to_contain_text("Europe/Berlin")
    guest = await jana.page.context.browser.new_context() if jana.page.context.browser else None
    assert guest is not None
    seen = await (await guest.request.get(f"{jana.base}/accounts/{name}")).text()
    await guest.close()
    assert "No poems." in seen
    assert f"{name}@example.org" not in seen


@EITHER
async def test_a_token_is_shown_once(member: Member, scripts: bool) -> None:
    name = "karl" if scripts else "plain.karl"
    karl = await member(name, java_script_enabled=scripts)
    await karl.go(f"/accounts/{name}/tokens")
    await expect(karl.see("#tokens")).to_contain_text("No token yet")
    await filled(karl, name="My reader", days="soon")
    await expect(karl.see("#days")).to_be_focused()
    await filled(karl, days="30")
    token = await karl.see("#made .secret").input_value()
    assert len(token) > 30
    asked = await karl.page.context.request.get(
        f"{karl.base}/accounts/{name}/tasks", headers={"Authorization": f"Bearer {token}", "Accept": "application/json"}
    )
    assert asked.status == 200
    await karl.see("#made a", has_text="I have it").click()
    await expect(karl.see("#tokens")).to_contain_text("My reader")
    assert token not in await karl.page.content()
    await karl.see("#tokens button", has_text="Delete").click()
    await told(karl, "My reader opens nothing any more.")
    await expect(karl.see("#tokens")).to_contain_text("No token yet")


async def test_a_token_is_copied(member: Member) -> None:
    lena = await member("lena", permissions=["clipboard-read", "clipboard-write"])
    await lena.go("/accounts/lena/tokens")
    await filled(lena, name="My phone")
    await lena.see("#made [data-copy]").click()
    await told(lena, "Copied.")
    assert await lena.page.evaluate("navigator.clipboard.readText()") == await lena.see("#token").input_value()


@EITHER
async def test_another_browser_is_logged_out(member: Member, scripts: bool) -> None:
    name = "mara" if scripts else "plain.mara"
    lost = await member(name)
    mara = await member(name, known=True, java_script_enabled=scripts)
    await mara.go(f"/accounts/{name}/sessions")
    rows = mara.see("#sessions tbody tr")
    await expect(rows).to_have_count(2)
    await expect(rows.filter(has_text="this one")).to_have_count(1)
    await rows.filter(has_not_text="this one").locator("button").click()
    await told(mara, "That browser is signed out.")
    await expect(rows).to_have_count(1)
    await lost.go("/dashboard")
    await expect(lost.page).to_have_url(re.compile("/login"))
    await mara.see("button", has_text="Log out everywhere").click()
    await expect(mara.page).to_have_url(re.compile("/login$"))


async def test_the_menu_of_a_person_closes_by_itself(member: Member) -> None:
    nils = await member("nils", viewport={"width": 390, "height": 800})
    await nils.go("/")
    menu = nils.see("details.person")
    for close in ("Escape", "elsewhere"):
        await menu.locator("summary").click()
        box = await menu.locator("ul").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        if close == "Escape":
            await nils.page.keyboard.press("Escape")
            await expect(menu.locator("summary")).to_be_focused()
        else:
            await nils.see("main").click(position={"x": 2, "y": 200})
        await expect(menu.locator("ul")).to_be_hidden()
