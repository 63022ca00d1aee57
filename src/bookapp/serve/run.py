"""What `bookapp serve` does, from the settings to the exit code."""

import logging
import os
from collections.abc import Callable

from bookapp.config import Settings
from bookapp.core.schema import migrate
from bookapp.serve.listen import listen, raise_file_limit
from bookapp.serve.metrics import VARIABLE, metrics_directory
from bookapp.serve.options import hypercorn_options
from bookapp.serve.supervisor import Supervisor

APP = "bookapp.app:create_app"


def serve(settings: Settings, announce: Callable[[], None], app: str = APP) -> int:
    """Migrate once, listen, and supervise the workers until told to stop. `announce` is called when one answers.

    Returns the exit code. Raises WrongSetting, CannotListen, and what the migration raises.
    """
    logging.basicConfig(level=settings.log_level.upper(), format="%(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    options = hypercorn_options(settings)
    settings.secret()  # made here once, or refused here
    raise_file_limit()
    with listen(settings.host, settings.port, options.backlog) as listening:
        # The port comes first: a second server started by mistake must not migrate the first one's database.
        migrate(settings.database_url)
        with metrics_directory(settings.data_dir) as metrics:
            return Supervisor(
                listening,
                app,
                count=settings.workers,
                graceful_timeout=options.graceful_timeout,
                environment={**os.environ, VARIABLE: metrics},
                on_ready=_once(announce),
            ).run()


def _once(call: Callable[[], None]) -> Callable[[], None]:
    waiting = [call]
    return lambda: waiting.pop()() if waiting else None
