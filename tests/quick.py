"""What makes tests quick and small without changing what they see: what each application does anew is done once.

Each test has an application and a database of its own. Compiling their templates, addresses and statements, and packing
their static files, took longer than most tests do. The tests of hashing itself take what is shipped.
"""

from asyncio import base_events
from copy import copy
from functools import cache, partial
from types import CodeType
from typing import Any

from argon2 import PasswordHasher
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from bookapp.accounts import passwords
from bookapp.core import sqlite
from bookapp.web import static, templates

# Timers that were cancelled stay in the loop until there are a hundred, and each holds on to the application it was
# made in. A server has one; here that would be fifty, with half a gigabyte.
base_events._MIN_SCHEDULED_TIMER_HANDLES = 0  # type: ignore[attr-defined]

SHIPPED = passwords._hasher
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class _Compiled(BytecodeCache):
    """The code of every template that any application has compiled."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


templates.Environment = partial(Environment, bytecode_cache=_Compiled())  # type: ignore[misc]

static._answer = cache(static._answer)


_compile_rule = Rule.compile
_compiled: dict[str, dict[str, Any]] = {}


def _compile(rule: Rule) -> None:
    """Compile an address, or take what an earlier application has compiled from the same one."""
    if rule.defaults or rule.host or rule.subdomain:
        _compile_rule(rule)
        return
    if rule.rule not in _compiled:
        _compile_rule(rule)
        made = ("_parts", "_trace", "_converters", "arguments", "_build", "_build_unknown")
        _compiled[rule.rule] = {name: getattr(rule, name) for name in made}
    for name, value in _compiled[rule.rule].items():
        bound = getattr(value, "__func__", None)
        setattr(rule, name, bound.__get__(rule, None) if bound else copy(value))


Rule.compile = _compile  # type: ignore[method-assign, assignment]


_engines = sqlite.engines


def _without_fsync(url: str, _synchronous: str, **more: Any) -> tuple[AsyncEngine, AsyncEngine]:
    """As in the tests' PostgreSQL: tests kill our processes, never the power."""
    return _engines(url, "off", **more)


sqlite.engines = _without_fsync


_STATEMENTS = LRUCache[Any, Any](2000)
"""What any engine has compiled. Its keys hold the dialect, and two dialects of one kind compile alike."""
_open_engine = Engine.__init__


def _open(engine: Engine, *args: Any, **kwargs: Any) -> None:
    _open_engine(engine, *args, **kwargs)
    if type(engine.dialect) in (PGDialect_asyncpg, SQLiteDialect_aiosqlite):
        engine._compiled_cache = _STATEMENTS


def _is_alike(one: Dialect, other: object) -> bool:
    return type(one) is type(other) and one.paramstyle == other.paramstyle


Engine.__init__ = _open  # type: ignore[method-assign, assignment]
for kind in (PGDialect_asyncpg, SQLiteDialect_aiosqlite):
    kind.__eq__, kind.__hash__ = _is_alike, lambda one: hash(type(one))  # type: ignore[method-assign, assignment]
