"""What makes tests quick without changing what they see: cheap password hashes, and templates compiled once.

The tests of hashing itself take what is shipped.
"""

from functools import partial
from types import CodeType

from argon2 import PasswordHasher
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from bookapp.accounts import passwords
from bookapp.web import templates

SHIPPED = passwords._hasher
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class _Compiled(BytecodeCache):
    """Each test has an application of its own, and compiling the templates of one page takes longer than most tests."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


templates.Environment = partial(Environment, bytecode_cache=_Compiled())  # type: ignore[misc]
