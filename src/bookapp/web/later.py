"""Work after the answer: it keeps nobody waiting, its time tells nothing, and it ends before the process does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import structlog
from quart import current_app

log = structlog.get_logger("bookapp.later")
MOST = 200
"""Pieces of work that may wait at once: somebody could ask for more than there is memory."""


def later(work: Callable[..., Awaitable[None]], *args: Any) -> None:
    """Do `work(*args)` once this request is answered; left out, with a line in the log, when too much waits."""
    if len(current_app.background_tasks) >= MOST:
        log.warning("work left out", why="too much is waiting", work=work.__name__)
    else:
        current_app.add_background_task(work, *args)


async def pause(seconds: float) -> bool:
    """Wait inside such work, but not longer than the application lives. Returns whether it is about to stop."""
    try:
        await asyncio.wait_for(cast(asyncio.Event, current_app.shutdown_event).wait(), seconds)
    except TimeoutError:
        return False
    return True
