"""The `bookapp` command: it gathers the commands of every room."""

import importlib
import os
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from bookapp.config import WrongSetting, unknown_names
from bookapp.core.errors import AppError

ROOMS = (
    *("bookapp.system.cli", "bookapp.works", "bookapp.accounts.cli", "bookapp.transfer.cli", "bookapp.recommender.cli"),
)


SILENT = frozenset({"check", "healthcheck", "version"})
"""Commands that say themselves which names are no settings, or that use none."""


class Sentence(click.ClickException):
    """An error that a person reads: one sentence, and an exit code."""

    def __init__(self, text: object, exit_code: int = 1) -> None:
        super().__init__(" ".join(str(text).split()))
        vars(self)["exit_code"] = exit_code

    def show(self, file: object = None) -> None:
        """Write it to stderr."""
        click.echo(self.message, err=True)


class Rooms(click.Group):
    """Looks for a command in each room in turn, so that `bookapp healthcheck` loads no more than it needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command."""
        return sorted(command.name or "" for room in ROOMS for command in _commands(room))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find one command."""
        return next((c for room in ROOMS for c in _commands(room) if c.name == cmd_name), None)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the one that is asked for, and name what stands in the environment for nothing."""
        found = super().resolve_command(ctx, args)
        if found[0] not in SILENT:
            # A mistyped BOOKAPP_DATA_DIR would have it work on another place's books.
            for sentence in unknown_names():
                click.echo(sentence, err=True)
        return found

    def invoke(self, ctx: click.Context) -> object:
        """Run it, and say in one sentence what went wrong."""
        try:
            return super().invoke(ctx)
        except click.UsageError:
            raise
        except click.ClickException as error:
            raise Sentence(error.message, error.exit_code) from error
        except WrongSetting as error:
            raise Sentence(error, 2) from error
        except AppError as error:
            raise Sentence(error.detail or error.title) from error
        except SQLAlchemyError as error:
            raise Sentence(f"The database does not answer: {getattr(error, 'orig', None) or error}") from error
        except ConnectionError as error:
            raise Sentence(f"The database does not answer: {error.strerror or error}") from error
        except (OSError, RuntimeError) as error:
            raise Sentence(f"{error}") from error
        except KeyboardInterrupt as error:
            raise Sentence("Stopped. What is in stays in; run this again to go on.") from error


def _commands(room: str) -> tuple[click.Command, ...]:
    commands: tuple[click.Command, ...] = importlib.import_module(room).commands
    return commands


def _plug_in(db: Any) -> None:
    """Let every room hear what a command changes: for those that stand too low to know who must."""
    from bookapp import tables  # noqa: F401  # rows refer to tables of rooms that nobody loads otherwise
    from bookapp.works import plug_in

    plug_in(db)


@click.group(cls=Rooms, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Run bookapp, a self-hosted home for a group's books. Settings come from the environment."""
    context.obj = _plug_in
    os.umask(0o077)  # what bookapp writes is nobody else's to read
