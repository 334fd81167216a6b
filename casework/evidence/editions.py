"""What an evidence file is for, and so what goes into it: all of a case, the papers of one purpose, or no person's name at all (domain.md 7.4)."""

from dataclasses import dataclass, replace

from casework.evidence.casefile import CaseFile, Paper
from casework.evidence.models import Purpose


@dataclass(frozen=True)
class Edition:
    """What a purpose lets in: `kinds` of papers (None: all), photos, the pages about how the work went (timeline, trail, gaps, tables)."""

    kinds: frozenset[str] | None = None
    photos: bool = True
    inside: bool = True

    @property
    def partial(self) -> bool:
        return self.kinds is not None

    def holds(self, paper: Paper) -> bool:
        """No destroyed paper. A partial file has sealed ones only: of others nothing binds the words to the anchor but their record."""
        if self.kinds is None:
            return paper.destroyed is None
        return paper.document.kind in self.kinds and paper.file is not None

    def shown(self, papers: list[Paper]) -> list[bool]:
        """By paper of a chain whether its record is shown: of one without a file not where the next is left out, since nothing would bind its words."""
        said = [self.holds(paper) for paper in papers]
        for place in range(len(papers) - 2, -1, -1):
            said[place] &= papers[place].file is not None or said[place + 1]
        return said

    def cut(self, file: CaseFile) -> CaseFile:
        """A case as far as this edition shows it; itself where it shows all."""
        if not self.partial:
            return file
        papers = [paper for paper in file.papers if self.holds(paper)]
        kept = {paper.document.pk for paper in papers}
        return replace(
            file,
            papers=papers,
            photos=file.photos if self.photos else [],
            files=[each for each in file.files if each.document_id in kept],
        )


WHOLE = Edition()
_SERVED = "P10 P11 P12 P13 P14A P14B P14C"
EDITIONS: dict[str, Edition] = {
    Purpose.INSPECTION: WHOLE,
    Purpose.COURT: Edition(
        frozenset(f"P01 P02 P04 P05 P06 P09 P15 P29 P36 {_SERVED}".split()), inside=False
    ),
    Purpose.FAMILY: Edition(
        frozenset(f"P03 P06 P16 P18 P19 P20 P21 P22 P23 P29 P37 {_SERVED}".split()),
        photos=False,
        inside=False,
    ),
}
