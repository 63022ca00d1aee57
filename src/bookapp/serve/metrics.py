"""Metrics of several workers meet in files of one directory, which lives as long as the supervisor."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextlib.contextmanager
def metrics_directory(fallback: Path) -> Iterator[str]:
    """An empty directory; inside `fallback` where the system has no writable place for temporary files."""
    try:
        made = tempfile.mkdtemp(prefix="bookapp-metrics-")
    except OSError:
        fallback.mkdir(parents=True, exist_ok=True)
        made = tempfile.mkdtemp(prefix=".metrics-", dir=fallback)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def forget_worker(pid: int, environment: Mapping[str, str]) -> None:
    """Drop the gauges of a worker that is gone; its counters go on counting."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(pid, environment[VARIABLE])  # type: ignore[no-untyped-call]
