"""Passwords, kept as argon2id hashes (RFC 9106, the library's own parameters)."""

import functools
import itertools
import unicodedata
from typing import TYPE_CHECKING

from core.errors import UserError
from core.people.codes import PeopleCode

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 200
FEWEST_LETTERS = 5  # different ones: "aaaaaaaaaa" is guessed first


class WeakPassword(UserError):
    """The password cannot be taken; the message says why."""


@functools.cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # loads a library of C: not wanted by every command

    return PasswordHasher()


def check_new(password: str, *names: str) -> None:
    """Raise WeakPassword for one that is guessed easily (NIST SP 800-63B: length, no own names)."""
    if len(password) < SHORTEST:
        raise WeakPassword(PeopleCode.PASSWORD_SHORT)
    if len(password) > LONGEST:
        raise WeakPassword(PeopleCode.PASSWORD_LONG)
    plain = password.casefold()
    own = any(len(name) >= SHORTEST // 2 and name.casefold() in plain for name in names)
    if own or len(set(plain)) < FEWEST_LETTERS or _runs(plain):
        raise WeakPassword(PeopleCode.PASSWORD_EASY)


def _runs(text: str) -> bool:
    """Whether it is one run of neighbours: 1234567890, abcdefghij."""
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(text)}
    return len(steps - {-9, 9}) == 1


def hashed(password: str) -> str:
    """The hash to keep; takes about 50 ms and 64 MiB on purpose."""
    return _hasher().hash(_typed(password))


def _typed(password: str) -> str:
    """The same text whatever device it was typed on (NIST SP 800-63B: NFKC before hashing): "ă" is
    one character on most, and a letter with a sign after it on others."""
    return unicodedata.normalize("NFKC", password[: LONGEST + 1])


@functools.cache
def _nobodys() -> str:
    return hashed("of nobody at all")


def fits(password: str, kept: str) -> bool:
    """Whether the password is the one of this hash; as slow where there is none ("")."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(kept or _nobodys(), _typed(password)) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def is_old(kept: str) -> bool:
    """Whether the hash was made with parameters of the past."""
    return _hasher().check_needs_rehash(kept)
