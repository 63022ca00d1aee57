"""Jobs as their person sees them, and as whoever looks after the place does."""

from sqlalchemy import update

from bookapp.core.db import Database
from bookapp.jobs.models import Job
from bookapp.jobs.work import GaveUp, Turn
from bookapp.jobs.worker import run_one
from bookapp.web.application import Application
from tests.clients import Browser
from tests.jobs.counting import a_job, counting, seen
from tests.people import a_person, as_person, sign_in


async def test_a_job_in_three_forms(app: Application, db: Database) -> None:
    actor = await a_person(db, "alice")
    alice = await sign_in(Browser(app), "alice")
    job_id = await a_job(db, actor, url="/books")

    async def half_way(_turn: Turn, number: int) -> None:
        if number == 2:
            raise GaveUp("The third row is <b>damaged</b>.")

    await run_one(db, {"count": counting(half_way)})
    as_json = (await alice.get(f"/jobs/{job_id}")).json
    assert (as_json["state"], as_json["done"], as_json["total"], as_json["about_url"]) == ("failed", 2, 5, "/books")
    page = (await alice.get(f"/jobs/{job_id}", "page")).text
    for words in (
        "<h1>Counting</h1>",
        "failed",
        "2 of 5",
        "The third row is &lt;b&gt;damaged",
        'href="/books"',
        "Try again",
    ):
        assert words in page, words
    assert 'data-live="jobs-changed"' in page
    fragment = (await alice.get(f"/jobs/{job_id}", "fragment")).text.strip()
    assert fragment.startswith(f'<article class="job" id="job-{job_id}">')
    listed = (await alice.get("/jobs")).json["items"]
    assert [job["id"] for job in listed] == [job_id]
    assert "Counting" in (await alice.get("/jobs", "page")).text


async def test_a_bar_shows_how_far_it_is(app: Application, db: Database) -> None:
    actor = await a_person(db, "alice")
    alice = await sign_in(Browser(app), "alice")
    job_id = await a_job(db, actor)
    pages: list[str] = []

    async def look(_turn: Turn, number: int) -> None:
        if number == 2:
            pages.append((await alice.get(f"/jobs/{job_id}", "page")).text)

    await run_one(db, {"count": counting(look)})
    assert '<progress aria-label="Counting" max="100" value="40">' in pages[0]
    assert "Row 1. 2 of 5." in pages[0]
    assert "<progress" not in (await alice.get(f"/jobs/{job_id}", "page")).text


async def test_stopping_and_trying_again_without_javascript_and_as_a_program(app: Application, db: Database) -> None:
    actor = await a_person(db, "alice")
    alice = await sign_in(Browser(app), "alice")
    job_id = await a_job(db, actor)
    stopped = await alice.post(f"/jobs/{job_id}/cancellation", "page")
    assert (stopped.status, stopped.headers["Location"]) == (303, f"/jobs/{job_id}")
    again = await alice.post(f"/jobs/{job_id}/retry", "fragment")
    assert again.status == 200
    assert "waiting" in again.text
    assert "jobs-changed" in again.headers["HX-Trigger"]
    assert (await alice.delete(f"/jobs/{job_id}")).json["state"] == "cancelled"
    assert await run_one(db, {"count": counting()}) is False
    assert (await alice.post(f"/jobs/{job_id}/retry")).json["state"] == "queued"
    await run_one(db, {"count": counting()})
    assert (await alice.delete(f"/jobs/{job_id}")).status == 409


async def test_the_next_page_of_jobs(app: Application, db: Database) -> None:
    actor = await a_person(db, "alice")
    alice = await sign_in(Browser(app), "alice")
    jobs = [await a_job(db, actor) for _ in range(3)]
    first = (await alice.get("/jobs?limit=2")).json
    second = (await alice.get(first["next"])).json
    assert [job["id"] for job in (*first["items"], *second["items"])] == jobs[::-1]
    assert second["next"] is None


async def test_a_stranger_finds_nothing(app: Application, db: Database) -> None:
    actor = await a_person(db, "alice")
    job_id = await a_job(db, actor)
    charlie = await as_person(app, "charlie")
    absent = (await charlie.get("/jobs/987654")).json["detail"]
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/cancellation"), ("POST", "/retry")):
        answer = await charlie.ask(method, f"/jobs/{job_id}{path}")
        assert (answer.status, answer.json["detail"]) == (404, absent)
    assert (await charlie.get("/jobs")).json["items"] == []
    assert (await charlie.get("/admin/jobs")).status == 403
    assert (await Browser(app).get("/jobs")).status == 401
    assert (await seen(db, actor, job_id)).state == "queued"


async def test_dora_stops_anybodys_job_and_the_log_knows(app: Application, db: Database) -> None:
    actor = await a_person(db, "alice")
    hers, its = await a_job(db, actor, url="/imports/1"), await a_job(db)
    dora = await as_person(app, "dora")
    listed = (await dora.get("/admin/jobs")).json["items"]
    assert [(line["person"], line["job"]["id"], line["job"]["about_url"]) for line in listed] == [
        (None, its, None),
        ("alice", hers, None),
    ]
    page = (await dora.get("/admin/jobs", "page")).text
    assert "the place itself" in page
    for job_id in (hers, its):
        assert (await dora.post(f"/admin/jobs/{job_id}/cancellation")).json["job"]["state"] == "cancelled"
    assert (await dora.post(f"/admin/jobs/{its}/retry", "page")).status == 303
    assert (await dora.get(f"/admin/jobs/{its}")).json["job"]["state"] == "queued"
    log = [line["what"] for line in (await dora.get("/admin/audit")).json["items"]]
    assert log[:3] == ["job tried again", "job stopped", "job stopped"]


async def test_who_leaves_takes_their_jobs_along(app: Application, db: Database) -> None:
    """A worker that is at it then finds it gone, and leaves it alone."""
    actor = await a_person(db, "alice")
    job_id = await a_job(db, actor)

    async def leave(turn: Turn, number: int) -> None:
        if number == 1:
            async with db.writing() as session:
                job = await session.get(Job, job_id)
                await session.delete(job)

    assert await run_one(db, {"count": counting(leave)})
    async with db.writing() as session:
        assert (await session.execute(update(Job).values(done=0))).rowcount == 0
