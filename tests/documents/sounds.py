"""Small recordings as their formats have them, of silence."""

import struct


def ogg() -> bytes:
    return b"OggS\x00\x02" + b"\x00" * 20 + b"\x01\x04" + b"\x00" * 4


def mp3() -> bytes:
    frame = struct.pack(">I", 0xFFFB9000)  # 128 kbit/s, 44.1 kHz
    return b"ID3\x03\x00\x00\x00\x00\x00\x0a" + b"\x00" * 10 + (frame + b"\x00" * 413) * 4


def wav() -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    data = struct.pack("<4sI", b"data", 80) + b"\x80" * 80
    return struct.pack("<4sI4s", b"RIFF", 4 + len(form) + len(data), b"WAVE") + form + data


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(data), kind) + data


def m4a() -> bytes:
    return box(b"ftyp", b"M4A \x00\x00\x00\x00") + box(b"moov", b"\x00" * 8) + box(b"mdat", b"\x00" * 40)  # fmt: skip


def amr() -> bytes:
    return b"#!AMR\n" + (b"\x04" + b"\x00" * 12) * 5 + b"\x7c"


SOUNDS = {"ogg": ogg, "mp3": mp3, "wav": wav, "m4a": m4a, "amr": amr}
