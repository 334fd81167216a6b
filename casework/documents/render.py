"""The parent's side of the press: one kept child a process, with a time limit, replaced after 100 papers."""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from casework.core.canonical import sha256_hex
from casework.documents.freeze import STYLE
from casework.documents.glyphs import FONTS
from casework.documents.layout import assets_of, html_of

HERE = Path(__file__).parent
STYLES = HERE / "assets"
PAPERS_A_CHILD, SECONDS = 100, 60.0
# The small fonts have what nearly all papers need; for a character that they lack the whole one is opened, for one that
# this lacks the one with more, each by another name, so that which of them serves is settled.
FONTS_CONF = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir>{families}</fontconfig>
"""
NAMED = """<match target="scan"><test name="file" compare="contains"><string>/{folder}/{file}_</string></test>
<edit name="family" mode="assign"><string>{name} {called}</string></edit></match>
"""
FOLLOWED = """<alias binding="same"><family>{name}</family><accept><family>{name} Whole</family><family>{name} More</family></accept></alias>
"""
FAMILIES = ("Noto Sans SC", "Noto Serif SC")


class RenderError(Exception):
    """A paper could not be made; the message names the kind of failure, never what stood on the paper."""


@dataclass(frozen=True)
class Rendered:
    """The bytes of a paper before its seal."""

    pdf: bytes
    pages: int
    made_with: dict[str, str]


class Press:
    """A child process at work. Not for two threads at once."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds, self.made = seconds, 0
        self.child = subprocess.Popen(
            [sys.executable, "-I", str(HERE / "press.py"), str(STYLES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )

    @property
    def usable(self) -> bool:
        return self.child.poll() is None and self.made < PAPERS_A_CHILD

    def print(
        self, html: str, record: str, created: str, assets: Mapping[str, str], style: int = STYLE
    ) -> Rendered:
        """One paper. RenderError when the child fails, dies or is too slow; it is not usable then."""
        pages, data = html.encode(), record.encode()
        order = {
            "html": len(pages),
            "record": len(data),
            "created": created,
            "assets": dict(assets),
            "style": style_file(style).name,
        }
        with self._watched() as (to_child, from_child):
            to_child.write(json.dumps(order).encode() + b"\n" + pages + data)
            to_child.flush()
            answer = json.loads(from_child.readline() or b'{"error": "died"}')
            pdf = from_child.read(answer.get("size", 0))
        self.made += 1
        if "error" in answer or len(pdf) != answer["size"]:
            self.stop()
            raise RenderError(answer.get("error", "died"))
        return Rendered(pdf, answer["pages"], answer["made_with"] | _looks(style))

    @contextmanager
    def _watched(self) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        assert self.child.stdin and self.child.stdout
        watch = threading.Timer(self.seconds, self.child.kill)
        watch.start()
        try:
            yield self.child.stdin, self.child.stdout
        except OSError:
            self.stop()
            raise RenderError("died") from None
        finally:
            watch.cancel()

    def stop(self) -> None:
        """End the child and forget its pipes."""
        self.child.kill()
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe:
                with open_or_broken(pipe):
                    pipe.close()
        self.child.wait()


def style_file(style: int) -> Path:
    """The style sheet of that number."""
    return STYLES / f"paper-{style}.css"


@cache
def _looks(style: int) -> dict[str, str]:
    """Which style and fonts made the bytes."""
    parts = {"style": style_file(style), "fonts": FONTS / "SHA256SUMS"}
    return {name: sha256_hex(path.read_bytes())[:16] for name, path in parts.items()}


@contextmanager
def open_or_broken(pipe: IO[bytes]) -> Iterator[None]:
    """Closing a pipe whose reader is gone may fail on what was still to be written: that is lost anyway."""
    try:
        yield
    except BrokenPipeError:
        return


@cache
def _font_folder(process: int) -> str:
    """This process's folder with the private font configuration and its cache; gone with the process."""
    folder = tempfile.mkdtemp(prefix="casework-fonts-")
    families = "".join(map(_family, FAMILIES))
    text = FONTS_CONF.format(fonts=FONTS, cache=f"{folder}/cache", families=families)
    Path(folder, "fonts.conf").write_text(text, "utf-8")
    atexit.register(_clear_up, process, folder)
    return folder


def _family(name: str) -> str:
    """A small font, followed by its own others."""
    file = name.replace(" ", "")
    named = (
        NAMED.format(folder=folder, name=name, file=file, called=folder.capitalize())
        for folder in ("whole", "more")
    )
    return "".join([*named, FOLLOWED.format(name=name)])


def _clear_up(process: int, folder: str) -> None:
    """At the end of the process that made them, not of one forked from it."""
    if process == os.getpid():
        close()
        shutil.rmtree(folder, ignore_errors=True)


def _environment() -> dict[str, str]:
    """No secret of this process reaches the child."""
    keep = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH") if key in os.environ}
    folder = _font_folder(os.getpid())
    return keep | {"FONTCONFIG_FILE": f"{folder}/fonts.conf", "LANG": "C.UTF-8", "HOME": folder}


_lock = threading.Lock()
_presses: dict[int, Press] = {}


def render(record: str) -> Rendered:
    """The paper of a frozen record: PDF/A-3a and PDF/UA-1, the record inside, the same bytes every time."""
    said: Any = json.loads(record)
    style = said.get("style", 1)
    return print_html(html_of(record), record, said["recorded_at"], assets_of(record), style=style)


def print_html(
    html: str, record: str, created: str, assets: Mapping[str, str], *, style: int = STYLE
) -> Rendered:
    """One PDF of `html` in that style, `record` (JSON text) inside, dated `created` (ISO 8601)."""
    with _lock:
        return _press().print(html, record, created, assets, style)


def close() -> None:
    """Stop this process's press; the next paper starts another."""
    with _lock:
        press = _presses.pop(os.getpid(), None)
        if press:
            press.stop()


def _press() -> Press:
    """This process's press; a forked child must not share its parent's."""
    mine = _presses.get(os.getpid())
    if mine is None or not mine.usable:
        if mine:
            mine.stop()
        _presses[os.getpid()] = mine = Press()
    return mine
