"""What an evidence file has that an earlier one had not, and what of the earlier one is not as it was (`evidence --diff`).

Sealed papers, photos, files handed in and the records of a chain are written once: a chain may grow, nothing in it may change.
Pages, tables and reading copies are made anew each time and are not compared.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from casework.core.errors import DomainError
from casework.evidence import verify

KEPT = re.compile(r"data/[^/]+/(papers|photos|files)/[^/]+|data/[^/]+/records\.jsonl")
RECORDS = "/records.jsonl"
DAY = r"\d{4}-\d\d-\d\d"
NAMED = re.compile(
    rf"^External-Identifier: (?P<whose>.+?)(_(?P<first>{DAY})_(?P<last>{DAY}))?(?P<part>(_[A-Za-z]\w*?)*)_\d{{8}}(?P<purpose>_[a-z]+)?\r?$",
    re.MULTILINE,
)


class Scope(NamedTuple):
    """A case, or a unit with the first and the last day as ISO text; `whose` with the part and purpose that was chosen."""

    whose: str
    first: str
    last: str


@dataclass
class Difference:
    """Paths: `added`; `grown` chains; `gone` folders whole, out of a shorter period; `lost` and `altered` are damage."""

    added: list[str] = field(default_factory=list)
    grown: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether all that was handed out before is in the new file as it was, or left out with its case."""
        return not (self.lost or self.altered)

    def told(self) -> Iterator[str]:
        """A line for each."""
        words = {
            _("new: %(path)s"): self.added,
            _("grown: %(path)s"): self.grown,
            _("not in this file: %(path)s"): self.gone,
            _("LOST: %(path)s"): self.lost,
            _("ALTERED: %(path)s"): self.altered,
        }
        for line, paths in words.items():
            yield from (line % {"path": path} for path in paths)


def compare(old: Path, new: Path) -> Difference:
    """Two evidence files. DomainError where one of them is none, is damaged in itself, or is of another case or unit.

    A folder that the new one has not is lost where its period holds that of the old one.
    """
    before, after = (opened(place) for place in (old, new))
    covers = _covers(_scope(before), _scope(after))
    was, now = _listed(before), _listed(after)
    gone = {_folder(name) for name in was} - {_folder(name) for name in now}
    found = Difference(added=sorted(now.keys() - was.keys()), gone=[] if covers else sorted(gone))
    for name in sorted(name for name in was if covers or _folder(name) not in gone):
        if name not in now:
            found.lost.append(name)
        elif was[name] != now[name]:
            grown = name.endswith(RECORDS) and _goes_on(before, after, name)
            (found.grown if grown else found.altered).append(name)
    return found


def opened(place: Path) -> verify.Zip:
    """An evidence file that is whole in itself. DomainError for any other."""
    try:
        source = verify.Zip(place)
    except verify.UNREADABLE as error:
        raise DomainError(_("%(file)s is no evidence file."), file=place.name) from error
    if verify.check(source).problems:
        raise DomainError(
            _("%(file)s is damaged in itself: check it with verify.py first."), file=place.name
        )
    return source


def _scope(source: verify.Zip) -> Scope:
    """Whose evidence it is and of which days, by its name in `bag-info.txt`."""
    found = NAMED.search(verify.read(source, "bag-info.txt").decode())
    if found is None:
        raise DomainError(_("An evidence file does not say what it is about."))
    whose = found["whose"] + found["part"] + (found["purpose"] or "")
    return Scope(whose, found["first"] or "", found["last"] or "")


def _covers(old: Scope, new: Scope) -> bool:
    if old.whose != new.whose:
        raise DomainError(
            _("These evidence files are not of the same case or unit, purpose and choice of cases.")
        )
    return new.first <= old.first and old.last <= new.last


def _listed(source: verify.Zip) -> dict[str, str]:
    """By path the hash, of what is written once."""
    text = verify.read(source, verify.MANIFEST).decode()
    lines = (verify.LINE.fullmatch(line) for line in text.splitlines())
    return {line[2]: line[1] for line in lines if line and KEPT.fullmatch(line[2])}


def _folder(name: str) -> str:
    return name.split("/")[1]


def _goes_on(before: verify.Zip, after: verify.Zip, name: str) -> bool:
    """Whether the records of a chain are those of before and some more."""
    return verify.read(after, name).startswith(verify.read(before, name))
