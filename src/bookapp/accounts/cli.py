"""`bookapp create-admin` and `bookapp reset-link`: for whoever runs the server, also while it runs."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click

from bookapp.config import Settings, load_settings

T = TypeVar("T")


@click.command("create-admin")
@click.option("--name", metavar="NAME", help="The username; asked for when it is missing.")
@click.option("--email", metavar="ADDRESS", help="The e-mail address; asked for when it is missing.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")
@click.option("--promote", is_flag=True, help="NAME has an account already: let it administer.")
def create_admin(name: str | None, email: str | None, password_stdin: bool, promote: bool) -> None:
    """Make an account that administers, or let an existing one administer."""
    from bookapp.accounts import commands, operator_actions

    settings = _settings_of_a_ready_database()
    asks = _asks(password_stdin)
    if promote:
        if email or password_stdin:
            raise click.UsageError("--promote takes a name and nothing else.")
        wanted = name or asks("Username or e-mail")
        done = _write(settings, lambda db: operator_actions.promote(db, wanted), heard=True)
        click.echo(f"{done} administers now.")
        return
    username = _checked(commands.Username, name or asks("Username"), "The username")
    address = _checked(commands.Email, email or asks("E-mail"), "The e-mail address")
    hashed = _hashed(_password(password_stdin, asks), username, address)
    _write(settings, lambda db: operator_actions.create_admin(db, username, address, hashed))
    click.echo(f"{username} administers now, and can log in at {settings.address}/login")


@click.command("reset-link")
@click.argument("name")
@click.option("--second-factor-off", is_flag=True, help="Also switch the second factor off, when the phone is lost.")
def reset_link(name: str, second_factor_off: bool) -> None:
    """Print a link by which NAME chooses a new password, once and within ten minutes."""
    from bookapp.accounts import factor_actions, operator_actions, reset_actions
    from bookapp.core.actor import OPERATOR

    settings = _settings_of_a_ready_database()

    async def make(db: Any) -> str:
        account_id, _ = await operator_actions.find_id(db, name)
        if second_factor_off:
            await factor_actions.switch_off(db, OPERATOR, account_id, address=operator_actions.PLACE)
        return await reset_actions.make_link(db, OPERATOR, account_id, address=operator_actions.PLACE)

    click.echo(settings.address + _write(settings, make))


commands: tuple[click.Command, ...] = (create_admin, reset_link)


def _settings_of_a_ready_database() -> Settings:
    from bookapp.core.schema import migrate

    settings = load_settings()
    migrate(settings.database_url)
    return settings


def _write(settings: Settings, act: Callable[[Any], Awaitable[T]], *, heard: bool = False) -> T:
    """Do it in a transaction; `heard` by the rooms above, which the `bookapp` command plugs in."""
    from bookapp.core.db import Database

    plug_in: Callable[[Database], None] | None = click.get_current_context().obj

    async def run() -> T:
        database = Database(settings.database_url, synchronous=settings.sqlite_synchronous)
        if heard and plug_in:
            plug_in(database)
        try:
            async with database.writing() as db:
                return await act(db)
        finally:
            await database.close()

    return asyncio.run(run())


def _somebody_sits_there() -> bool:
    return sys.stdin.isatty()


def _asks(password_stdin: bool) -> Callable[..., str]:
    """Asks a person at the terminal; where nobody sits, says what is missing."""

    def ask(what: str, **more: Any) -> str:
        if password_stdin or not _somebody_sits_there():
            raise click.UsageError("Nobody can be asked here: say --name, --email and --password-stdin.")
        answer: str = click.prompt(what, **more)
        return answer

    return ask


def _password(from_stdin: bool, asks: Callable[..., str]) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return asks("Password", hide_input=True, confirmation_prompt="The same again")


def _checked(kind: Any, typed: str, what: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    try:
        checked: str = TypeAdapter(kind).validate_python(typed)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise click.ClickException(f"{what}: {reason[0].lower()}{reason[1:]}.") from None
    return checked


def _hashed(password: str, username: str, address: str) -> str:
    from bookapp.accounts.passwords import Passwords
    from bookapp.accounts.rules import wrong_password

    if (wrong := wrong_password(password, username, address)) is not None:
        raise click.ClickException(f"The password: {wrong[0].lower()}{wrong[1:]}.")
    return asyncio.run(Passwords().hash(password))
