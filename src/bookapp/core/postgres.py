"""PostgreSQL: one pool for reading and writing, with a time limit on everything."""

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

WRITERS = 8
"""Of the 15 connections of a process, so many may write at a time."""


def engine(url: str) -> AsyncEngine:
    """The engine for `url`. Count (5 + 10) connections for each worker against the server's max_connections."""
    return create_async_engine(
        url,
        pool_size=5,
        max_overflow=10,
        pool_timeout=1.5,
        pool_pre_ping=True,
        connect_args={
            "timeout": 3,
            "command_timeout": 5,
            "server_settings": {
                "application_name": "bookapp",
                "statement_timeout": "4500",
                "lock_timeout": "1800",
                # Our statements are short: compiling one, or starting helpers for it, takes longer than running it.
                "jit": "off",
                "max_parallel_workers_per_gather": "0",
                # What is asked for lies in memory or on an SSD: with 4, as for a turning disk, whole tables are read
                # where some hundred rows of an index would do.
                "random_page_cost": "1.1",
            },
        },
    )
