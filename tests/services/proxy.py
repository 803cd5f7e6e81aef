"""A TCP proxy that can cut, delay and close: a bad network."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass
from tests.services.common import DEADLINE


class TcpProxy:
    """Stands before a server and breaks its connections: `cut_after`, `delay`, `mute`, `close_all`, `refuse`."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._cut: tuple[bytes, int] | None = None
        self.cuts = 0  # so many more connections are cut
        self.delay = 0.0  # seconds before each piece of an answer
        self.mute = False  # answers are swallowed
        self.refuse = False  # new connections are closed at once
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, text: bytes, count: int, times: int = 1) -> None:
        """Cut a connection `count` bytes after its server has said `text`; on so many connections."""
        self._cut, self.cuts = (text, count), times

    def close_all(self) -> None:
        """Close every connection that is open."""
        with self._lock:
            sockets, self._open = self._open, []
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.close_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.accepted += 1
            if self.refuse:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._upstream), DEADLINE)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._open += [client, server]
            threading.Thread(target=self._carry, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(server, client, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        said = b""
        try:
            while piece := source.recv(65536):
                if answers:
                    time.sleep(self.delay)
                    if self.mute:
                        continue
                    if self._cut is not None and self.cuts:
                        before, said = len(said), said + piece
                        at = said.find(self._cut[0])
                        end = at + len(self._cut[0]) + self._cut[1]
                        if at >= 0 and end <= len(said):
                            self.cuts -= 1
                            target.sendall(piece[: max(0, end - before)])
                            return
                target.sendall(piece)
        except OSError:
            pass
        finally:
            for each in (source, target):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()


@contextlib.contextmanager
def running_tcp_proxy(port: int) -> Iterator[TcpProxy]:
    proxy = TcpProxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
