"""A recording is one all through (UPL-01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.documents.sound import KINDS, is_sound
from tests.documents.sounds import SOUNDS


@pytest.mark.parametrize("ending", SOUNDS)
def test_a_recording_is_known(ending: str) -> None:
    assert is_sound(SOUNDS[ending](), ending)


@pytest.mark.parametrize("raw", [
    b"ID3<html><script>alert(1)</script>", b"\xff\xfbMZ\x90\x00" + b"\x00" * 400, b"OggS<script>alert(1)</script>",
    b"RIFF\x10\x00\x00\x00WAVE<script>", b"\x00\x00\x00\x18ftypM4A <script>alert(1)</script>", b"#!AMR\n<script>alert(1)</script>", b"",
])  # fmt: skip
@pytest.mark.parametrize("ending", KINDS)
def test_what_only_begins_like_one_is_none(raw: bytes, ending: str) -> None:
    assert not is_sound(raw, ending)


@pytest.mark.parametrize(
    "ending", sorted(SOUNDS.keys() - {"mp3"})
)  # players write tags behind an MP3
def test_nothing_hangs_behind_it(ending: str) -> None:
    assert not is_sound(SOUNDS[ending]() + b"<script>alert(1)</script>", ending)


@given(ending=st.sampled_from(sorted(KINDS)), raw=st.binary(max_size=300), begin=st.integers(0, 40))
def test_no_bytes_break_it(ending: str, raw: bytes, begin: int) -> None:
    assert is_sound(SOUNDS[ending]()[:begin] + raw, ending) in (True, False)
