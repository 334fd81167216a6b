"""Which village a row of a list means: the longest name, of the township that the address names."""

import pytest

from casework.org.models import Unit
from casework.org.units import add_unit
from casework.students.villages import Villages
from tests.students.books import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def villages(county: Unit) -> Villages:
    for town, names in {"青石镇": ("岩头村", "上岩头村", "新民村"), "龙泉镇": ("新民村",)}.items():
        township = add_unit(parent=county, kind="township", name=town, by=None, at=AT)
        for name in names:
            add_unit(parent=township, kind="village", name=name, by=None, at=AT)
    return Villages(county)


@pytest.mark.parametrize(
    ("named", "address", "path"),
    [
        ("", "示范县青石镇上岩头村3组", "青石镇 上岩头村"),
        ("", "青石镇岩头村3组", "青石镇 岩头村"),
        ("", "青石镇新民村3组", "青石镇 新民村"),
        ("新民", "龙泉镇", "龙泉镇 新民村"),
        ("新民村", "", ""),
        ("", "新民村3组", ""),
        ("", "岩头村6组", "青石镇 岩头村"),
        ("", "青石镇下岩头村3组", ""),
        ("", "外县岩头村小区", "青石镇 岩头村"),
        ("", "", ""),
    ],
)
def test_the_village_of_a_row(villages: Villages, named: str, address: str, path: str) -> None:
    found = villages.find(named, address)
    said = f"{found.above('township')} {found.name}" if found else ""
    assert said.endswith(path) and bool(said) == bool(path)
    if found:
        assert path == f"{found.above('township').name} {found.name}"  # type: ignore[union-attr]
