"""What is handed out names no real person, no machine and no mirror."""

import re
from urllib.parse import urlsplit

import pytest

from casework.students.idnumber import TEST_AREA, check_digit
from tests.project.tracked import texts

ID = re.compile(r"(?<![0-9A-Za-z.])G?(\d{17})([\dX])(?![0-9A-Za-z])")
MACHINE = re.compile(r"""(?<![\w.*"'}-])/(?:work|root|tmp|home|opt)/\w""")
SOURCES = re.compile(
    r"""(?:index[-_]url|find[-_]links|registry|"resolved")["']?\s*[=: ]\s*["']?(\S+)"""
)
KNOWN = {"pypi.org", "registry.npmjs.org"}


def real_ids(text: str) -> list[str]:
    """18-character ID numbers that could belong to somebody: the check digit fits, the area is in use."""
    return [
        first + last
        for first, last in ID.findall(text)
        if not first.startswith(str(TEST_AREA)) and check_digit(first) == last
    ]


def strangers(text: str) -> list[str]:
    """Package sources named in a text that are not the public ones."""
    found = [match.strip("\"',") for match in SOURCES.findall(text)]
    return [each for each in found if "/" in each and urlsplit(each).hostname not in KNOWN]


def test_no_file_holds_an_id_number_that_could_be_somebodys() -> None:
    """PRIV-08: scan of every file, workbooks included: hits = 0."""
    assert {name: found for name, text in texts() if (found := real_ids(text))} == {}


def test_the_scan_sees_a_real_number_and_lets_the_test_area_pass() -> None:
    """PRIV-08"""
    for area, hits in (("110105", 1), ("990026", 0)):
        first = f"{area}19491231002"
        number = first + check_digit(first)
        assert len(real_ids(f"<v>{number}</v> G{number},")) == 2 * hits
        assert real_ids(first + "A") == []


def test_no_file_names_a_place_of_one_machine() -> None:
    found = {name: hits for name, text in texts() if (hits := MACHINE.findall(text))}
    assert found == {}


def test_no_file_names_a_mirror_of_packages() -> None:
    """SUP-01: a lock file resolved anywhere installs everywhere."""
    assert {name: found for name, text in texts() if (found := strangers(text))} == {}


@pytest.mark.parametrize("line", ["--index-url {}", '"resolved": "{}",', "registry={}"])
def test_the_scan_sees_a_mirror(line: str) -> None:
    assert strangers(line.format("http://mirror.example/simple"))
    assert not strangers(line.format("https://registry.npmjs.org/a.tgz"))
