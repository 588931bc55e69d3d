"""Put on PYTHONPATH: every Python process refuses, and records, a connection that leaves the machine."""

import os
import socket

_connect, _connect_ex, _getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo
LOOPBACK = ("127.", "::1", "localhost")


def _record(address: object) -> None:
    with open(os.environ["ASSESS_GUARD"], "a") as file:
        file.write(f"{address!r}\n")


def _leaves(family: int, address: object) -> bool:
    if family not in (socket.AF_INET, socket.AF_INET6):
        return False
    return not str(address[0]).startswith(LOOPBACK)  # type: ignore[index]


def connect(self: socket.socket, address: object) -> None:
    if _leaves(self.family, address):
        _record(address)
        raise ConnectionRefusedError(f"guarded: {address!r}")
    return _connect(self, address)  # type: ignore[arg-type]


def connect_ex(self: socket.socket, address: object) -> int:
    if _leaves(self.family, address):
        _record(address)
        return 111
    return _connect_ex(self, address)  # type: ignore[arg-type]


def getaddrinfo(host: object, *rest: object, **more: object) -> object:
    name = host.decode() if isinstance(host, bytes) else host
    if name and not str(name).startswith(LOOPBACK):
        _record(host)
        raise socket.gaierror(f"guarded: {host!r}")
    return _getaddrinfo(host, *rest, **more)  # type: ignore[arg-type]


socket.socket.connect = connect  # type: ignore[method-assign,assignment]
socket.socket.connect_ex = connect_ex  # type: ignore[method-assign,assignment]
socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]
