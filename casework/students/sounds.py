"""Names by their sound: for a search by pinyin or initials, and to see one child behind two spellings."""

import os
import re
from functools import lru_cache

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # its phrases cost 50 MB, and names are none
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")

from pypinyin import lazy_pinyin

# readings as a family name differ from the usual ones
_FAMILY = {"单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "任": "ren", "华": "hua", "盖": "ge", "查": "zha", "尉": "yu", "朴": "piao", "覃": "qin", "翟": "zhai", "牟": "mou", "乐": "yue", "员": "yun", "缪": "miao", "种": "chong", "宓": "mi", "逄": "pang"}  # fmt: skip
_LETTERS = re.compile(r"[^a-z]")
MOST = 60


@lru_cache(maxsize=30_000)
def _syllable(sign: str) -> str:
    return _LETTERS.sub("", "".join(lazy_pinyin(sign)).lower())


@lru_cache(maxsize=4_096)
def syllables(name: str) -> tuple[str, ...]:
    """The syllables of a name in plain letters, the first read as a family name; what has no sound is left out."""
    said = [_syllable(sign) for sign in name]
    if name[:1] in _FAMILY:
        said[0] = _FAMILY[name[0]]
    return tuple(each for each in said if each)


def sound(name: str) -> str:
    """`luoxiaolan` for 罗小兰."""
    return "".join(syllables(name))[:MOST]


def initials(name: str) -> str:
    """`lxl` for 罗小兰."""
    return "".join(each[0] for each in syllables(name))[:MOST]
