"""Whether a sound recording is one all through, by the frames, pages or boxes of its kind: a file that only begins like one is none (UPL-01)."""

import struct
from collections.abc import Callable, Iterator

BITRATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # kbit/s, MPEG 1
HALF_BITRATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  # MPEG 2 and 2.5
RATES = (44100, 48000, 32000)
AMR_SIZES = (12, 13, 15, 17, 19, 20, 26, 31, 5)  # octets behind the first of each frame, by mode
AMR_EMPTY = 15
FRAMES = 3  # of an MP3 that stand one behind the other


def is_sound(raw: bytes, ending: str) -> bool:
    """Whether `raw` is a recording of the kind that `ending` says: mp3, ogg, wav, m4a or amr."""
    try:
        return KINDS[ending](raw)
    except (struct.error, IndexError, ValueError):
        return False


def _mp3(raw: bytes) -> bool:
    place = 0
    if raw[:3] == b"ID3":
        a, b, c, d = raw[6:10]
        place = 10 + (a << 21 | b << 14 | c << 7 | d)
        place = raw.index(b"\xff", place)  # behind the padding of the tag
    for _ in range(FRAMES):
        place += _mp3_frame(raw, place)
    return place <= len(raw)


def _mp3_frame(raw: bytes, place: int) -> int:
    """How long the frame is that begins there. ValueError where none does."""
    head = int.from_bytes(raw[place : place + 4])
    version, layer = head >> 19 & 3, head >> 17 & 3
    if head >> 21 != 0x7FF or version == 1 or layer != 1:
        raise ValueError("no frame of layer III")
    whole = version == 3
    bitrate = (BITRATES if whole else HALF_BITRATES)[head >> 12 & 15]
    rate = RATES[head >> 10 & 3] >> {3: 0, 2: 1, 0: 2}[version]
    if not bitrate:
        raise ValueError("no bitrate")
    return (144_000 if whole else 72_000) * bitrate // rate + (head >> 9 & 1)


def _ogg(raw: bytes) -> bool:
    place = 0
    while place < len(raw):
        if raw[place : place + 5] != b"OggS\x00":
            return False
        segments = raw[place + 26]
        lengths = raw[place + 27 : place + 27 + segments]
        place += 27 + segments + sum(lengths)
    return place == len(raw) > 0


def _wav(raw: bytes) -> bool:
    kinds, place = set(), 12
    while place + 8 <= len(raw):
        kind, size = struct.unpack_from("<4sI", raw, place)
        kinds.add(kind)
        place += 8 + size + size % 2
    return {b"fmt ", b"data"} <= kinds and len(raw) <= place <= len(raw) + 1


def _m4a(raw: bytes) -> bool:
    kinds = dict(_boxes(raw))
    return {b"ftyp", b"moov", b"mdat"} <= kinds.keys() and sum(kinds.values()) <= len(raw)


def _boxes(raw: bytes) -> Iterator[tuple[bytes, int]]:
    """Kind and size of each box. ValueError where they do not fill the file."""
    place = 0
    while place < len(raw):
        size, kind = struct.unpack_from(">I4s", raw, place)
        if size == 1:
            (size,) = struct.unpack_from(">Q", raw, place + 8)
        size = size or len(raw) - place  # the last one may go to the end
        if size < 8 or place + size > len(raw):
            raise ValueError("no box")
        yield kind, size
        place += size


def _amr(raw: bytes) -> bool:
    place, frames = len(b"#!AMR\n"), 0
    while place < len(raw):
        mode = raw[place] >> 3 & 15
        place += 1 + (0 if mode == AMR_EMPTY else AMR_SIZES[mode])
        frames += 1
    return raw.startswith(b"#!AMR\n") and frames > 0 and place == len(raw)


KINDS: dict[str, Callable[[bytes], bool]] = {
    "mp3": _mp3,
    "ogg": _ogg,
    "wav": _wav,
    "m4a": _m4a,
    "amr": _amr,
}
