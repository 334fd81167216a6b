"""The folder of an office in a bundle: the papers that it wrote, what lies on its shelf, its signed sheets (domain.md 6.2)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q

from casework.documents.models import Anchor, Attachment
from casework.evidence.casefile import Paper, Records, files_of, papers_of
from casework.evidence.extent import About, offices_of
from casework.org.models import Unit
from casework.registers.models import Filing


@dataclass(frozen=True)
class OfficeFile:
    """What an office hands in; `records`: those of its papers in their order."""

    unit: Unit
    papers: list[Paper]
    files: list[Attachment]
    filings: list[Filing]
    records: Iterator[str]

    @property
    def folder(self) -> str:
        return f"data/unit-{self.unit.pk}"

    @property
    def chain(self) -> str:
        return f"unit:{self.unit.pk}"


def read_offices(about: About, anchor: Anchor) -> Iterator[OfficeFile]:
    """The offices of a unit's bundle that have something, from the top down. Few queries an office that has."""
    units = {f"unit:{unit.pk}": unit for unit in _keepers(about)}
    papers, files = papers_of(list(units), anchor), files_of(list(units), about.at)
    for chain, unit in units.items():
        if papers[chain] or files[chain]:
            yield OfficeFile(
                unit=unit,
                papers=papers[chain],
                files=files[chain],
                filings=list(_filings(unit, about)),
                records=Records(papers[chain]).of(papers[chain]),
            )


def _keepers(about: About) -> Iterator[Unit]:
    """The offices that keep a shelf, and villages for their lists."""
    yield from offices_of(about.unit)
    yield from Unit.objects.filter(path__startswith=about.unit.path, kind="village").order_by(
        "path"
    )


def _filings(unit: Unit, about: About) -> Iterator[Filing]:
    inside = Q(filed_at__lt=about.at)
    yield from Filing.objects.filter(inside, unit=unit).select_related("attachment").order_by("pk")
