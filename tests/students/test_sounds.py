"""Names by their sound."""

import pytest

from casework.students.sounds import initials, sound


@pytest.mark.parametrize(
    ("name", "said", "first"),
    [
        ("罗小兰", "luoxiaolan", "lxl"),
        ("单雄信", "shanxiongxin", "sxx"),
        ("曾平", "zengping", "zp"),
        ("李曾", "liceng", "lc"),
        ("迪丽热巴·买买提", "dilirebamaimaiti", "dlrbmmt"),
        ("吕绿", "lvlv", "ll"),
        ("John Li", "johnli", "johnli"),
        ("𠮷", "", ""),
        ("", "", ""),
    ],
)
def test_a_name_has_a_sound_and_initials(name: str, said: str, first: str) -> None:
    assert (sound(name), initials(name)) == (said, first)
