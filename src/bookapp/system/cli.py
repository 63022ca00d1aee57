"""The operator's commands. Heavy imports stay inside: `healthcheck` runs twice a minute."""

import http.client
import json
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import click

from bookapp import __version__
from bookapp.config import Settings, load_settings


@click.command()
def serve() -> None:
    """Serve the app on HOST and PORT with BOOKAPP_WORKERS workers."""
    from bookapp.serve.listen import CannotListen
    from bookapp.serve.run import serve as run

    settings = load_settings()

    def announce() -> None:
        click.echo(f"bookapp {__version__} is at {settings.address} (Ctrl+C stops it)")
        _invite_the_first(settings)

    try:
        raise SystemExit(run(settings, announce))
    except CannotListen as error:
        raise click.ClickException(str(error)) from error


def _invite_the_first(settings: Settings) -> None:
    from bookapp.accounts.claiming import invitation, is_claimed

    with suppress(Exception):  # a database that does not answer just now keeps nobody from serving
        if not is_claimed(settings):
            click.echo(invitation(settings))


@click.command()
def migrate() -> None:
    """Bring the database to the schema of this release; `serve` does it by itself."""
    from bookapp.core.schema import migrate as run

    before, after = run(load_settings().database_url)
    if before == after:
        click.echo(f"The database is up to date (revision {after}).")
    else:
        click.echo(f"The database went from revision {before or 'nothing'} to {after}.")


@click.command()
@click.option("--deploy", is_flag=True, help="Also list every setting that is not fit for the open internet.")
def check(deploy: bool) -> None:
    """Check settings, data directory and database; exit 1 when something is wrong."""
    from bookapp.system.check import findings

    found = findings(load_settings(), deploy=deploy)
    for finding in found:
        click.echo(f"{'note ' if finding.is_note else 'wrong'}  {finding.text}")
    wrong = sum(not finding.is_note for finding in found)
    if wrong:
        click.echo(f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong.")
        raise SystemExit(1)
    click.echo("All is well.")


@click.command()
@click.option("--timeout", default=5.0, show_default=True, help="Seconds to wait for the answer.")
def healthcheck(timeout: float) -> None:
    """Ask a running server whether it is alive; exit 1 when it is not."""
    settings = load_settings()
    host = settings.reachable_host
    connection = http.client.HTTPConnection(host, settings.port, timeout=timeout)
    try:
        connection.request("GET", "/healthz", headers={"Host": _own_name(settings), "Accept": "application/json"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise click.ClickException(f"Nothing answers on {host}, port {settings.port}: {error}.") from error
    finally:
        connection.close()
    if status != 200:
        raise click.ClickException(f"The server answers with status {status}.")
    click.echo("The server is alive.")


def _own_name(settings: Settings) -> str:
    # The app refuses hosts that it does not know; it knows its own address.
    if settings.base_url:
        return urlsplit(settings.base_url).netloc
    return settings.allowed_hosts[0] if settings.allowed_hosts else f"localhost:{settings.port}"


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE when it exists.")
def backup(file: Path, force: bool) -> None:
    """Write the database and the covers into FILE (a .zip), also while the server runs."""
    from bookapp.system.backup import make_backup

    if file.exists() and not force:
        raise click.ClickException(f"{file} exists; choose another name, or say --force.")
    made = make_backup(load_settings(), file)
    click.echo(f"{file}: {made.rows:,} rows and {made.covers:,} covers, checked.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Go on although a server uses the database.")
def restore(file: Path, force: bool) -> None:
    """Put back what `backup` wrote; what was there is kept aside."""
    from bookapp.system.restore import restore_backup

    done = restore_backup(load_settings(), file, force=force)
    click.echo(f"Restored {done.rows:,} rows and {done.covers:,} covers, made {done.made_at}.")
    if done.kept:
        click.echo(f"What was there before is in {done.kept}.")
    if force:
        click.echo("Restart the server now: it still holds the old database.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def version(as_json: bool) -> None:
    """Say which release this is."""
    click.echo(json.dumps({"name": "bookapp", "version": __version__}) if as_json else f"bookapp {__version__}")


commands = (serve, migrate, check, healthcheck, backup, restore, version)
