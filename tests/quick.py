"""Passwords in tests are hashed as cheaply as can be; the tests of hashing itself take what is shipped."""

from argon2 import PasswordHasher

from bookapp.accounts import passwords

SHIPPED = passwords._hasher
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
