"""The connections under the HTTP client: they know whether a request has begun to leave.

That one bit (`Attempt.sent`) is what separates "not sent" from "unknown", whatever exception came.
"""

import contextlib
import functools
import os
import sched
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import certifi
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CONNECT_AHEAD = 0.25  # seconds before its turn at which a request begins to connect


class Stale(Exception):
    """Raised by a fence: this request must not be sent any more. The message says why."""


class TooLate(Exception):
    """The time for the whole request was over before its first byte could be written."""


class Attempt:
    """One request on its way: its turn, its fence, its deadline, and whether it began to leave."""

    def __init__(self, *, fresh: bool, check: Callable[[], None] | None) -> None:
        """`turn` is the moment of the monotonic clock before which nothing is written."""
        self.fresh = fresh
        self.sent = False
        self.expired = False
        self.turn = 0.0
        self._check = check
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []

    def hold(self, sock: socket.socket) -> None:
        """Keep a handle on the connection that outlives its wrapping into TLS."""
        with self._lock:
            self._held.append(socket.fromfd(sock.fileno(), sock.family, sock.type))

    def before_write(self) -> None:
        """The last moment before the first byte: wait for the turn, ask the fence."""
        if self.sent:
            return
        pause = self.turn - time.monotonic()
        if pause > 0:  # even a sleep of nothing hands the interpreter to another thread
            time.sleep(pause)
        if self._check is not None:
            self._check()
        if self.expired:
            raise TooLate("There was no time left to send it.")
        self.sent = True

    def expire(self) -> None:
        """End the request: whoever reads or writes on its connection fails at once."""
        self.expired = True
        with self._lock:
            for sock in self._held:
                with contextlib.suppress(OSError):  # it was closed already
                    sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the handles back; the connection itself stays as it is."""
        with self._lock:
            while self._held:
                self._held.pop().close()


_CURRENT: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


@contextmanager
def attempting(attempt: Attempt, seconds: float) -> Iterator[None]:
    """Make the connections of this thread obey the attempt, and end it after so many seconds."""
    token = _CURRENT.set(attempt)
    deadlines = _deadlines_of_process(os.getpid())
    deadline = deadlines.after(seconds, attempt.expire)
    try:
        yield
    finally:
        deadlines.forget(deadline)
        attempt.close()
        _CURRENT.reset(token)


class _Deadlines(threading.Thread):
    """Ends requests whose time is over: one thread for all, as a thread a request is dear."""

    def __init__(self) -> None:
        super().__init__(name="deadlines", daemon=True)
        self._earlier = threading.Event()
        self._scheduler = sched.scheduler(time.monotonic, self._pause)

    def after(self, seconds: float, action: Callable[[], None]) -> sched.Event:
        event = self._scheduler.enter(seconds, 0, action)
        if self._scheduler.queue[:1] == [event]:
            self._earlier.set()
        return event

    def forget(self, event: sched.Event) -> None:
        with contextlib.suppress(ValueError):  # it has come to pass already
            self._scheduler.cancel(event)

    def run(self) -> None:
        while True:
            self._scheduler.run()
            self._earlier.wait()
            self._earlier.clear()

    def _pause(self, seconds: float) -> None:
        if self._earlier.wait(seconds):
            self._earlier.clear()


@functools.cache
def _deadlines_of_process(_process: int) -> _Deadlines:
    made = _Deadlines()
    made.start()
    return made


class _Watched(HTTPConnection):
    """A connection that asks its attempt before the first byte and starts afresh for effects."""

    _used = False

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        attempt = _CURRENT.get()
        if attempt is not None:
            attempt.hold(sock)
        return sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        attempt = _CURRENT.get()
        if attempt is not None:
            self._prepare(attempt)
        self._used = True
        super().request(*args, **kwargs)

    def _prepare(self, attempt: Attempt) -> None:
        # A kept-alive connection may be dead without showing it: needless unknowns.
        if attempt.fresh and self._used:
            self.close()
        if self.sock is None:
            self.connect()
        elif self._used:
            attempt.hold(self.sock)

    def send(self, data: Any) -> None:
        attempt = _CURRENT.get()
        if attempt is not None:
            attempt.before_write()
        super().send(data)


class _WatchedTls(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class Adapter(HTTPAdapter):
    """requests' adapter on watched connections; certificates are read once, not per connection."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=_tls())
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave verification to the context: it demands a certificate that fits the name."""


def _tls() -> ssl.SSLContext:
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    return ssl.create_default_context(cafile=bundle or certifi.where())


@functools.cache
def adapter_of_process(_process: int) -> Adapter:
    """The one adapter of this process; it is safe to use from many threads."""
    return Adapter(pool_connections=32, pool_maxsize=32, max_retries=0)
