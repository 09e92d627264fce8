"""The errors that Refuz raises itself.

RefuzError
└── TooLate     the time for a request was over before its first byte could be written
"""


class RefuzError(Exception):
    """The base of every error of ours: what is none of these is a fault in the program."""


class TooLate(RefuzError):
    """The time for the whole request was over before its first byte could be written."""
