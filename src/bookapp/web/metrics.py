"""Counts and durations for Prometheus. With several workers they meet in PROMETHEUS_MULTIPROC_DIR."""

import os
from functools import lru_cache

from prometheus_client import REGISTRY as OWN
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_REQUESTS = Counter("bookapp_requests", "Requests answered.", ("method", "endpoint", "status"))
_SECONDS = Histogram(
    "bookapp_request_seconds",
    "From the first byte of a request to the last of its answer.",
    ("endpoint",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)


@lru_cache(maxsize=4096)
def _request(method: str, endpoint: str, status: int) -> Counter:
    return _REQUESTS.labels(method, endpoint, str(status))


@lru_cache(maxsize=512)
def _seconds(endpoint: str) -> Histogram:
    return _SECONDS.labels(endpoint)


def observe(method: str, endpoint: str, status: int, seconds: float) -> None:
    """Count one request."""
    # An unknown method is somebody's invention: as a label it would let anybody fill the memory.
    _request(method if method in _METHODS else "other", endpoint, status).inc()
    _seconds(endpoint).observe(seconds)


def exposition() -> bytes:
    """All metrics of all workers, in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(OWN)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
    return generate_latest(registry)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
