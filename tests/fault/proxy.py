"""A door in front of PostgreSQL that can be shut, that can be slow, and that can say nothing."""

from __future__ import annotations

import select
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

_SOCKET = ".s.PGSQL.5432"


class Proxy:
    """Passes bytes between a Unix socket of its own and the server of `uri`.

    `mode` is open; shut (nobody gets in, and whoever is inside is thrown out); silent (bytes wait
    until it is open again); or slow (answers come `delay` seconds late).
    """

    def __init__(self, uri: str, place: Path) -> None:
        told = conninfo_to_dict(uri)
        self._to = str(Path(str(told["host"])) / _SOCKET)
        self.uri = (
            f"postgresql://{told['user']}:{told['password']}@/{told['dbname']}"
            f"?host={quote(str(place), safe='')}"
        )
        self.mode, self.delay = "open", 0.0
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(place / _SOCKET))
        self._door.listen(64)
        self._inside: list[socket.socket] = []
        self._ended = False
        threading.Thread(target=self._welcome, daemon=True).start()

    def set(self, mode: str, delay: float = 0.0) -> None:
        self.mode, self.delay = mode, delay
        if mode == "shut":
            for one in self._inside:
                _end(one)
            self._inside.clear()

    def close(self) -> None:
        self._ended = True
        self.set("shut")
        _end(self._door)

    def _welcome(self) -> None:
        while not self._ended:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            if self.mode == "shut":
                _end(client)
                continue
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._to)
            self._inside += [client, server]
            threading.Thread(target=self._pass, args=(client, server), daemon=True).start()

    def _pass(self, client: socket.socket, server: socket.socket) -> None:
        other = {client: server, server: client}
        try:
            while True:
                for one in select.select([client, server], [], [], 1)[0]:
                    data = one.recv(65_536)
                    if not data:
                        return
                    while self.mode == "silent":
                        time.sleep(0.01)
                    if self.mode == "slow" and one is server:
                        time.sleep(self.delay)
                    other[one].sendall(data)
        except (OSError, ValueError):
            return
        finally:
            _end(client)
            _end(server)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
