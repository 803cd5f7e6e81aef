"""Real servers on this machine that do to a caller what servers do, and worse."""

from __future__ import annotations

import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Behaviour = Callable[[socket.socket], None]


class Server:
    """A server that treats every connection in the same way, and keeps what it was sent."""

    def __init__(self, behave: Behaviour, context: ssl.SSLContext | None, read_first: bool) -> None:
        self._behave = behave
        self._context = context
        self._read_first = read_first
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.connections = 0
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Serve nobody any more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with suppress(OSError), connection:
                if self._context is None:
                    self._treat(connection)
                else:
                    with self._context.wrap_socket(connection, server_side=True) as encrypted:
                        self._treat(encrypted)

    def _treat(self, connection: socket.socket) -> None:
        if self._read_first:
            self.requests.append(_read_request(connection))
        self._behave(connection)


@contextmanager
def serving(behave: Behaviour, context: ssl.SSLContext | None = None, *, read_first: bool = True) -> Iterator[Server]:
    """Run a server as long as the block takes."""
    server = Server(behave, context, read_first)
    try:
        yield server
    finally:
        server.close()


def saying(*parts: bytes) -> Behaviour:
    """Send these parts and close."""

    def behave(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)

    return behave


def saying_and_staying(*parts: bytes) -> Behaviour:
    """Send these parts and wait until the caller goes."""

    def behave(connection: socket.socket) -> None:
        saying(*parts)(connection)
        wait_until_gone(connection)

    return behave


def saying_without_end(beginning: bytes, again: bytes) -> Behaviour:
    """Send a beginning and then the same again and again, until the caller goes."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(beginning)
        while True:
            connection.sendall(again)

    return behave


def dripping(beginning: bytes, drop: bytes) -> Behaviour:
    """Send a beginning and then a drop at a time, each well before anybody's patience ends, until the caller goes."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(beginning)
        connection.settimeout(0.02)
        while True:
            with suppress(TimeoutError):
                if not connection.recv(1000):
                    return
            connection.sendall(drop)

    return behave


def resetting(beginning: bytes) -> Behaviour:
    """Send a beginning and then break the connection off."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(beginning)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


def wait_until_gone(connection: socket.socket) -> None:
    """Read until the caller closes."""
    while connection.recv(65536):
        pass


def _read_request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(65536)
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:"))
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def certificate(folder: Path, names: str) -> tuple[Path, Path]:
    """Make a self-signed certificate for names such as `DNS:hooks.example.org`; returns it and its key."""
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(key_file), "-out", str(certificate_file)]
    subject = ["-subj", "/CN=deskline test", "-addext", f"subjectAltName={names}"]
    subprocess.run(["openssl", "req", "-x509", *curve, *files, *subject], check=True, capture_output=True)
    return certificate_file, key_file
