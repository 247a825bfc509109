"""The HTTP server: waitress on loopback, in a thread, with an end that lets running requests finish."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

HOST = "127.0.0.1"
_THREADS = 8
_SPOOL_BYTES = 256 * 1024 * 1024
"""Waitress spools a body to disk before the app sees its length; a longer one it refuses by itself."""


_IDLE_THREADS_SECONDS = 0.5
"""For threads without a request to notice that they may go."""


class PortTaken(RuntimeError):
    """Somebody listens on the port already."""


def reserve(port: int) -> socket.socket:
    """Take the port now, before anything heavy has started; 0 takes a free one. Raises PortTaken."""
    if port and _is_answered(port):
        # macOS lets a second server bind one address of a port that another holds on all of them.
        raise PortTaken(f"port {port} of {HOST} is in use")
    reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        reserved.bind((HOST, port))
    except OSError as error:
        reserved.close()
        raise PortTaken(f"port {port} of {HOST} cannot be used: {error.strerror}") from error
    return reserved


def _is_answered(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


class Server:
    """Serves a WSGI application on a reserved socket between `start()` and `stop()`."""

    def __init__(self, application: Any, listener: socket.socket) -> None:
        self._connections: dict[int, Any] = {}
        self._server: Any = create_server(
            application,
            map=self._connections,
            _start=False,
            sockets=[listener],
            threads=_THREADS,
            ident=None,
            max_request_body_size=_SPOOL_BYTES,
        )
        self.port: int = listener.getsockname()[1]
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)

    def start(self) -> None:
        self._server.accept_connections()
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Take no new connections, finish the requests that run, then close what is left."""
        if not self._thread.is_alive():
            return
        self._in_loop(lambda: wasyncore.dispatcher.close(self._server))
        deadline = time.monotonic() + seconds
        while self._is_busy() and time.monotonic() < deadline:
            time.sleep(0.02)
        self._in_loop(self._close_all)
        self._thread.join(seconds)

    def _in_loop(self, action: Any) -> None:
        """Run `action` in the server's own thread: its sockets are nobody else's to touch."""
        self._server.trigger.pull_trigger(action)

    def _is_busy(self) -> bool:
        channels = list(self._server.active_channels.values())
        return any(channel.requests or channel.total_outbufs_len for channel in channels)

    def _close_all(self) -> None:
        self._server.task_dispatcher.shutdown(timeout=_IDLE_THREADS_SECONDS)
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()
        # Not close_all: it closes the trigger's pipe, and a request that still runs would later write its
        # wake-up byte to whatever file has that number by then.
        self._connections.clear()
