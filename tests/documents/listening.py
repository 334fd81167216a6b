"""A socket of this process that nothing on a paper may reach."""

import socket
from collections.abc import Iterator

import pytest


class Listener:
    """A socket that whoever is lured by a text would reach."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"

    def was_reached(self) -> bool:
        try:
            self.socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    reached = found.was_reached()
    found.socket.close()
    assert not reached
