"""Advice as its readers and writers meet it: pages, fragments, JSON."""

import io
import json
import zipfile

from bookapp.web.rates import ADVICE
from tests.clients import Browser
from tests.factories import a_book, a_sent_book


async def test_alice_recommends_a_book_and_guests_see_it_at_once(client: Browser, alice: Browser) -> None:
    book = await a_sent_book(alice)
    assert (await client.get("/recommended")).json["books"] == []
    answer = await alice.put(f"{book['url']}/praise", json={"reason": "For Miss Bates"})
    assert answer.status == 200
    assert answer.json["own"]["reason"] == "For Miss Bates"
    (shown,) = (await client.get("/recommended")).json["books"]
    assert shown["title"] == "Emma"
    account = (await alice.get("/accounts/alice")).json["id"]
    assert shown["praise"][0]["who"] == {"id": account, "name": "alice", "url": "/accounts/alice"}
    page = (await client.get("/recommended", "page")).text
    assert "For Miss Bates" in page
    assert 'href="/accounts/alice"' in page


async def test_what_people_type_is_text_and_not_markup(client: Browser, alice: Browser) -> None:
    book = await a_sent_book(alice)
    await alice.put(f"{book['url']}/praise", json={"reason": "<b>bold</b>"})
    for path in ("/recommended", f"{book['url']}/praise"):
        page = (await client.get(path, "page")).text
        assert "&lt;b&gt;bold" in page
        assert "<b>bold" not in page


async def test_a_guest_reads_and_is_asked_to_log_in(client: Browser, alice: Browser) -> None:
    book = await a_sent_book(alice)
    assert (await client.put(f"{book['url']}/praise", json={"reason": "Spam"})).status == 401
    page = (await client.get(f"{book['url']}/praise", "page")).text
    assert "<form id=" not in page.replace('<form id="find"', "")
    assert "Log in</a> to be the first" in page


async def test_an_empty_reason_comes_back_beside_its_field(alice: Browser) -> None:
    book = await a_sent_book(alice)
    answer = await alice.post(f"{book['url']}/praise", "fragment", data={"reason": " "})
    assert answer.status == 422
    assert 'id="praise-reason-error"' in answer.text
    assert answer.text.lstrip().startswith('<section id="praise"')


async def test_without_scripts_praise_is_a_form_that_leads_back_to_the_book(alice: Browser) -> None:
    book = await a_sent_book(alice)
    answer = await alice.post(f"{book['url']}/praise", "page", data={"reason": "Good"})
    assert (answer.status, answer.headers["Location"]) == (303, f"{book['url']}#praise")
    answer = await alice.post(f"{book['url']}/praise/delete", "page")
    assert answer.status == 303
    assert (await alice.get(f"{book['url']}/praise")).json["own"] is None
    assert (await alice.delete(f"{book['url']}/praise")).status == 200


async def test_bob_votes_and_his_button_says_so(alice: Browser, bob: Browser, client: Browser) -> None:
    book, other = await a_sent_book(alice), await a_sent_book(alice, title="Persuasion")
    made = await alice.post(f"{book['url']}/pairs", json={"other": "Persuasion", "reason": "The same wit"})
    assert made.status == 201
    assert made.headers["Location"] == f"{book['url']}/pairs#pair-1"
    assert (await bob.post(f"{book['url']}/pairs", json={"other_id": other["id"]})).status == 200
    assert (await bob.delete("/pairs/1/vote")).json["pairs"][0]["votes"] == 1
    voted = await bob.post("/pairs/1/vote", "fragment")
    assert 'aria-pressed="true"' in voted.text
    assert 'action="/pairs/1/vote/delete"' in voted.text
    assert "HX-Trigger" in voted.headers
    for person, mine in ((bob, True), (client, False)):
        (pair,) = (await person.get(f"{book['url']}/pairs")).json["pairs"]
        assert (pair["votes"], pair["i_voted"], pair["book"]["title"]) == (2, mine, "Persuasion")
    assert "2 readers say so" in (await client.get(f"{book['url']}/pairs", "page")).text


async def test_a_title_of_several_books_is_asked_for_again(alice: Browser) -> None:
    book = await a_sent_book(alice)
    for author in ("Ann", "Ben"):
        await a_sent_book(alice, title="Selected Poems", author=author)
    answer = await alice.post(f"{book['url']}/pairs", "fragment", data={"other": "Selected Poems", "reason": "Rhymes"})
    assert answer.status == 422
    assert "Selected Poems by Ben is number" in answer.text
    assert 'value="Rhymes"' in answer.text


async def test_dora_removes_what_is_not_nice_and_the_log_keeps_it(alice: Browser, dora: Browser) -> None:
    book, other = await a_sent_book(alice), await a_sent_book(alice, title="Persuasion")
    await alice.put(f"{book['url']}/praise", json={"reason": "Rude words"})
    await alice.post(f"{book['url']}/pairs", json={"other_id": other["id"]})
    for path in ("/praise/1", "/pairs/1"):
        assert (await alice.delete(path)).status == 403
        assert (await dora.delete(path)).status == 204
        assert (await dora.delete(path)).status == 404
    assert (await alice.get("/recommended")).json["books"] == []
    entries = (await dora.get("/admin/audit")).json["items"]
    assert {"praise removed", "pair removed"} <= {entry["what"] for entry in entries}


async def test_somebody_who_goes_on_and_on_is_asked_to_wait(alice: Browser) -> None:
    book = await a_sent_book(alice)
    statuses = [
        (await alice.put(f"{book['url']}/praise", json={"reason": f"Say {number}"})).status
        for number in range(ADVICE.most + 1)
    ]
    assert set(statuses[:-1]) == {200}
    assert statuses[-1] == 429


async def test_the_lists_go_on_where_a_page_ends(alice: Browser, client: Browser) -> None:
    db = alice.app.extensions["db"]
    book = await a_sent_book(alice)
    for number in range(3):
        other = await a_book(db, title=f"Other {number}")
        await alice.post(f"{book['url']}/pairs", json={"other_id": other})
    first = (await client.get(f"{book['url']}/pairs?limit=2")).json
    rest = (await client.get(first["next"])).json
    assert [pair["book"]["title"] for pair in first["pairs"] + rest["pairs"]] == ["Other 0", "Other 1", "Other 2"]
    assert rest["next"] is None
    assert (await client.get(f"{book['url']}/pairs?cursor=nonsense")).status == 422


async def test_alices_own_file_has_her_advice(alice: Browser) -> None:
    book = await a_sent_book(alice)
    await alice.put(f"{book['url']}/praise", json={"reason": "Mine"})
    answer = await alice.get("/exports/account.zip")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        (said,) = json.loads(archive.read("advice.json"))
    assert (said["title"], said["reason"]) == ("Emma", "Mine")


async def test_alice_does_not_overwrite_in_one_window_what_she_wrote_in_another(alice: Browser) -> None:
    await a_sent_book(alice)
    first = (await alice.put("/books/1/praise", json={"reason": "It is kind"})).json["own"]
    page = (await alice.get("/books/1/praise", "page")).text
    assert f'name="version" value="{first["version"]}"' in page
    second = (await alice.put("/books/1/praise", json={"reason": "It is funny", "version": 1})).json["own"]
    assert second["version"] == 2
    late = {"reason": "It is long", "version": "1"}
    conflict = await alice.post("/books/1/praise", "fragment", data=late)
    assert conflict.status == 409
    assert "It is funny" in conflict.text
    assert "It is long" in conflict.text
    assert 'action="/books/1/praise"' in conflict.text
    for answer in (
        await alice.put("/books/1/praise", json={"reason": "It is long"}, headers={"If-Match": '"1"'}),
        await alice.delete("/books/1/praise", headers={"If-Match": '"1"'}),
    ):
        assert answer.status in (409, 412)
    assert (await alice.get("/books/1/praise")).json["own"]["reason"] == "It is funny"
    assert (await alice.delete("/books/1/praise", headers={"If-Match": '"2"'})).json["own"] is None


async def test_bob_says_why_in_place_where_he_only_said_so(alice: Browser, bob: Browser) -> None:
    await a_sent_book(alice)
    await a_sent_book(alice, title="Persuasion")
    await alice.post("/books/1/pairs", json={"other": "Persuasion"})
    await bob.put("/pairs/1/vote", json={})
    (pair,) = (await bob.get("/books/1/pairs")).json["pairs"]
    assert pair["my_reason"] is None
    page = (await bob.get("/books/1/pairs", "page")).text
    assert "Say why" in page
    assert 'id="why-1" name="reason" value=""' in page
    done = await bob.post("/pairs/1/vote", "fragment", data={"reason": "Second chances"})
    assert "Change why" in done.text
    assert 'value="Second chances"' in done.text
    (pair,) = (await alice.get("/books/1/pairs")).json["pairs"]
    assert (pair["my_reason"], pair["votes"]) == (None, 2)
    assert [voice["reason"] for voice in pair["voices"]] == ["Second chances", None]
