"""The table of contents: every room named once."""

import asyncio
import gc
from functools import cache
from pathlib import Path

from bookapp import __version__
from bookapp.accounts.doorkeeping import People
from bookapp.accounts.factor_routes import factors
from bookapp.accounts.neighbours import Neighbours
from bookapp.accounts.passwords import Passwords
from bookapp.accounts.profile_routes import profiles
from bookapp.accounts.qr import qr_code
from bookapp.accounts.reset_routes import resets
from bookapp.accounts.routes import accounts
from bookapp.accounts.rules import time_zones
from bookapp.admin.account_routes import admin_accounts
from bookapp.admin.merge_routes import merges
from bookapp.admin.routes import admin
from bookapp.advice.pair_routes import pairs
from bookapp.advice.routes import advice
from bookapp.books.author_routes import authors
from bookapp.books.cover_routes import covers
from bookapp.books.drawing import drawn_cloth, drawn_cover
from bookapp.books.languages import language_name
from bookapp.books.routes import books
from bookapp.books.storage import CoverStore
from bookapp.circles.routes import circles
from bookapp.config import Settings, load_settings
from bookapp.core import schema
from bookapp.core.db import Database
from bookapp.core.version import PostgresVersion, SqliteVersion
from bookapp.core.watch import PostgresWatch, SqliteWatch
from bookapp.feeds.routes import feeds
from bookapp.home.book_routes import book_pages
from bookapp.home.person_routes import person_pages
from bookapp.home.routes import home
from bookapp.imports.match_routes import matches
from bookapp.imports.routes import imports
from bookapp.jobs.foreman import Foreman
from bookapp.jobs.routes import jobs
from bookapp.lists.actions import move_whole_days
from bookapp.lists.feed import Calendars
from bookapp.lists.routes import lists
from bookapp.openlibrary.client import library_of
from bookapp.recommender.nightly import learn
from bookapp.recommender.routes import recommendations
from bookapp.scanning.cover_routes import is_online, outside_covers
from bookapp.scanning.routes import scanning
from bookapp.serve import wire
from bookapp.shelves.markdown import drawn
from bookapp.shelves.quote_routes import quotes
from bookapp.shelves.reading_routes import readings
from bookapp.shelves.review_routes import reviews
from bookapp.shelves.routes import shelves
from bookapp.shelves.shelf_routes import own_shelves
from bookapp.statistics.numbers import Numbers
from bookapp.statistics.routes import statistics
from bookapp.suggestions.ask_routes import wishes
from bookapp.suggestions.link_routes import links
from bookapp.suggestions.queries import count_waiting
from bookapp.suggestions.routes import suggestions
from bookapp.system.backup_routes import backups
from bookapp.system.caretaker import look_after
from bookapp.system.live_routes import live
from bookapp.system.routes import system
from bookapp.transfer.routes import transfer
from bookapp.web import log
from bookapp.web.application import Application
from bookapp.web.auth import Doorkeeper
from bookapp.web.guard import Guard
from bookapp.web.live import Broker
from bookapp.web.static import StaticFiles
from bookapp.web.templates import Templates
from bookapp.works import plug_in, works

ROOMS = (
    home, book_pages, person_pages, accounts, profiles, factors, resets, books, covers, authors, lists, jobs, transfer,
    imports, matches,
    admin, admin_accounts, merges, shelves, own_shelves, reviews, readings, quotes, advice, pairs, circles, suggestions,
    links, wishes, statistics, recommendations, scanning, outside_covers, feeds, live, backups, system,
)  # fmt: skip


def create_app(settings: Settings | None = None) -> Application:
    """Build the application; `settings` come from the environment when none are given.

    Raises WrongSetting when one of them is wrong.
    """
    wire.install()  # also for whoever serves it by the plain `hypercorn` command
    settings = settings or load_settings()
    log.configure(settings.log_level)
    app = Application("bookapp")
    app.secret_key = settings.secret()
    static = StaticFiles(Path(__file__).parent / "static")
    db = Database(settings.database_url, synchronous=settings.sqlite_synchronous)
    people = People(count_waiting())
    app.extensions.update(
        settings=settings,
        templates=_templates(static, settings),
        db=db,
        doorkeeper=Doorkeeper(settings.guest_edits, settings.metrics_token, people.load_actor, people.is_claimed),
        passwords=Passwords(),
        neighbours=Neighbours(move_dates=move_whole_days),
        calendars=Calendars(),
        numbers=Numbers(),
        covers=CoverStore(settings.covers_dir),
        openlibrary=library_of(settings),
        live=Broker(db),
    )
    plug_in(db)
    for room in ROOMS:
        app.register_blueprint(room)
    guard = Guard(app.asgi_app, settings, db.version, static)
    app.asgi_app = guard  # type: ignore[assignment, method-assign]  # Quart's documented place for middleware
    _open_and_close(app, guard, settings, db)
    return app


def _templates(static: StaticFiles, settings: Settings) -> Templates:
    templates = Templates(static, __version__, debug=settings.debug)
    templates.add(drawn_cover=drawn_cover, drawn_cloth=drawn_cloth, language_filter=language_name)
    templates.add(time_zones=time_zones, qr_code=qr_code, drawn_filter=drawn, asks_outside=is_online)
    return templates


def _open_and_close(app: Application, guard: Guard, settings: Settings, db: Database) -> None:
    @app.before_serving
    async def open_doors() -> None:
        await _bring_up_to_date(settings)
        path = settings.sqlite_path
        db.version = guard.version = SqliteVersion(path) if path else PostgresVersion(settings.database_url)
        app.extensions["live"].open(SqliteWatch(path) if path else PostgresWatch(settings.database_url))
        app.extensions["caretaker"] = asyncio.create_task(look_after(db, settings))
        if settings.recommender_nightly == "on":
            app.extensions["learning"] = asyncio.create_task(learn(db, settings.for_a_child()))
        if settings.worker == "on":
            foreman = Foreman(db, works(settings).keys(), settings.data_dir / "worker.lock", settings.for_a_child())
            db.listeners.append(foreman.hear)
            app.extensions["foreman"] = asyncio.create_task(foreman.look_for_work())
        _leave_the_libraries_alone()

    @app.after_serving
    async def close_doors() -> None:
        app.extensions["caretaker"].cancel()
        await _stop(app.extensions.get("learning"))
        await _stop(app.extensions.get("foreman"))
        await app.extensions["live"].close()
        await db.close()
        log.flush()


async def _stop(task: asyncio.Task[None] | None) -> None:
    """End what goes on in the background, with the process that it may have started."""
    if task is not None:
        task.cancel()
        await asyncio.wait({task})


async def _bring_up_to_date(settings: Settings) -> None:
    """Migrate when nobody did. `bookapp serve` has; a plain `hypercorn` on a new database has not."""
    if await schema.current(settings.database_url) != schema.HEAD:
        await asyncio.to_thread(schema.migrate, settings.database_url)


@cache  # once for each process: a second application, as tests make, must be collected when it is done
def _leave_the_libraries_alone() -> None:
    """Take what the start has made out of garbage collection: it stays for ever anyway.

    A full collection would walk over several hundred thousand objects of the libraries, more than a tenth of a second
    in which nobody is answered, and under load there are some each second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
