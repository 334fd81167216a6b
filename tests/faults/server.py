"""The web server as bin/run starts it, to be killed and started again on the same port."""

import http.client
import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

GRANIAN = ["--interface", "wsgi", "--host", "127.0.0.1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning"]  # fmt: skip
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One at a time; it and its children are one process group."""

    def __init__(self, port: int, log: Path) -> None:
        self.port, self.log = port, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when a page comes; TimeoutError with what the server said if it does not."""
        command = [
            ".venv/bin/granian",
            *GRANIAN,
            "--port",
            str(self.port),
            "tests.faults.wsgi:application",
        ]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        give_up = time.monotonic() + PATIENCE
        while not self.answers():
            if time.monotonic() > give_up or self.process.poll() is not None:
                raise TimeoutError(self.log.read_text()[-2000:])
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether a page comes: the port alone answers long before the application is loaded."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", "/sign-in/")
            return line.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()

    def kill(self) -> None:
        """No goodbye: SIGKILL to the server and its children."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM: running requests are finished."""
        self._end(signal.SIGTERM)

    def _end(self, sign: signal.Signals) -> None:
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, sign)
            self.process.wait()
