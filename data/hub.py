"""Hints that something changed: datagrams on unix sockets, from each writer to one hub and from it to the readers concerned.

A hint may be lost or doubled without harm, since every reader also polls slowly; it carries topics, never data.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

from data.hints import HINT, folder_of

_GATHER_SECONDS = 0.002


class _Endpoint:
    """A bound datagram socket in an event loop. Only its owner can write to the folder (0700)."""

    def __init__(self, address: Path, received: Callable[[bytes], None]) -> None:
        self._received = received
        self.address = str(address)
        address.parent.mkdir(mode=0o700, exist_ok=True)
        info = address.parent.lstat()
        if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.getuid() or info.st_mode & 0o077:
            raise PermissionError(f"{address.parent} must be a folder that only its owner can enter")
        with contextlib.suppress(FileNotFoundError):
            address.unlink()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(self.address)
        self._inode = address.stat().st_ino
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.socket, self._read)

    def _read(self) -> None:
        for _ in range(256):
            try:
                packet = self.socket.recv(512)
            except OSError:
                return
            self._received(packet)

    def close(self) -> None:
        self._loop.remove_reader(self.socket)
        self.socket.close()
        with contextlib.suppress(OSError):
            if os.stat(self.address).st_ino == self._inode:  # a successor may have bound the same name
                os.unlink(self.address)


class Hub:
    """The engine's side: passes hints to the readers whose topics they touch, a burst as one every two milliseconds."""

    def __init__(self, database: Path, changed: Callable[[int], None]) -> None:
        self._peers: dict[str, int] = {}
        self._topics = 0
        self._changed = changed
        self._endpoint = _Endpoint(folder_of(database) / "hub.sock", self._received)
        self._scheduled = False
        self._last = 0.0

    def _received(self, packet: bytes) -> None:
        if packet[:1] == b"+" and len(packet) > 9:
            self._peers[packet[9:].decode(errors="replace")] = int.from_bytes(packet[1:9], "little")
        elif packet[:1] == b"-":
            self._peers.pop(packet[9:].decode(errors="replace"), None)
        elif packet[:1] == b"!" and len(packet) == HINT.size:
            self.hint(HINT.unpack(packet)[1])

    def hint(self, topics: int) -> None:
        """Say that something changed, and wake the hub's own process for it."""
        self.pass_on(topics)
        self._changed(topics)

    def pass_on(self, topics: int) -> None:
        """Say that something changed, to the readers only."""
        self._topics |= topics
        if self._scheduled:
            return
        loop = asyncio.get_running_loop()
        rest = self._last + _GATHER_SECONDS - loop.time()
        if rest <= 0:
            self._fan_out()
        else:
            self._scheduled = True
            loop.call_later(rest, self._fan_out)

    def _fan_out(self) -> None:
        self._scheduled = False
        self._last = asyncio.get_running_loop().time()
        topics, self._topics = self._topics, 0
        packet = HINT.pack(b"!", topics)
        for address, wanted in list(self._peers.items()):
            if wanted & topics:
                try:
                    self._endpoint.socket.sendto(packet, address)
                except BlockingIOError:
                    continue  # its queue is full: a hint waits there already
                except OSError:
                    del self._peers[address]

    def close(self) -> None:
        """Stop passing hints on."""
        self._endpoint.close()


class Listener:
    """A reader's side: registers its topics with the hub and sets an event when a hint arrives."""

    _count = 0

    def __init__(self, database: Path, topics: int) -> None:
        Listener._count += 1
        folder = folder_of(database)
        self.changed = asyncio.Event()
        self._hub = str(folder / "hub.sock")
        self._topics = topics
        self._endpoint = _Endpoint(folder / f"{os.getpid()}-{Listener._count}.sock", lambda _: self.changed.set())
        self.register()

    def watch(self, topics: int) -> None:
        """Change the topics that this reader is woken for."""
        self._topics = topics
        self.register()

    def register(self) -> None:
        """Tell the hub who listens; said again at each slow poll, since a new hub knows nobody."""
        self._send(b"+")

    def _send(self, sign: bytes) -> None:
        with contextlib.suppress(OSError):
            packet = sign + self._topics.to_bytes(8, "little") + self._endpoint.address.encode()
            self._endpoint.socket.sendto(packet, self._hub)

    def close(self) -> None:
        """Leave the hub."""
        self._send(b"-")
        self._endpoint.close()
