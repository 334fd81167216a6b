"""A bag without persons: each paper printed anew, unsealed, from what its record may tell; who is who stays here (domain.md 7.4)."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework.core.clock import LOCAL
from casework.core.errors import DomainError
from casework.documents.render import RenderError
from casework.evidence import verify
from casework.evidence.casefile import CaseFile, Paper, read_cases
from casework.evidence.extent import moment_of
from casework.evidence.models import Bundle
from casework.evidence.packer import Made, Packer, Tick
from casework.evidence.printed import print_page, watermark
from casework.evidence.proofs import Proofs, as_file
from casework.evidence.redacting import TELLING_TITLES, Codes, Record, redacted
from casework.evidence.scope import cases_of
from casework.evidence.sheets import csv_lines

PAPERS = (
    "case", "place", "form", "title", "recorded_at", "original_sha256", "original_record_sha256", "path",
)  # fmt: skip
STEPS = (
    gettext_lazy("Case"), gettext_lazy("Step"), gettext_lazy("Begun"), gettext_lazy("Due by the end of"), gettext_lazy("Done"),
    gettext_lazy("Working days late"),
)  # fmt: skip


def fill_redacted(bag: Packer, bundle: Bundle, name: str, proofs: Proofs, tick: Tick) -> Made:
    """Fill the bag and complete it; the list of codes is kept on the bundle."""
    maker = _Maker(bag, bundle, tick)
    for file in read_cases(cases_of(bundle), proofs.anchor, at=proofs.anchor.at):
        maker.add(file)
    bundle.codes = maker.codes.listed()
    context = {
        "bundle": bundle, "name": name, "at": proofs.anchor.at, "cases": maker.cases,
        "anchor_groups": verify.grouped(proofs.anchor.root),
    }  # fmt: skip
    bag.add("index.html", render_to_string("evidence/bag/redacted.html", context).encode())
    bag.add("index.csv", b"\xef\xbb\xbf" + csv_lines([PAPERS, *maker.papers]))
    heads = [str(head) for head in STEPS]
    bag.add("data/scope/timeline.csv", b"\xef\xbb\xbf" + csv_lines([heads, *maker.steps]))
    bag.add("anchor.json", verify.canonical_json(as_file(proofs, {})))
    bag.add("verify.py", Path(verify.__file__).read_bytes())
    return Made(bag.complete(), maker.packed, 0)


class _Maker:
    """Adds case after case; keeps names of files, hashes and days only."""

    def __init__(self, bag: Packer, bundle: Bundle, tick: Tick) -> None:
        self.bag, self.bundle, self.tick = bag, bundle, tick
        self.codes = Codes()
        self.packed: list[int] = []
        self.papers: list[tuple[object, ...]] = []
        self.steps: list[tuple[object, ...]] = []
        self.cases: list[dict[str, Any]] = []

    def add(self, file: CaseFile) -> None:
        """Its papers and the days of its steps; of restricted work nothing."""
        code = self.codes.of("C", file.case.number)
        rows = [
            self._paper(code, *pair, at=file.at)
            for pair in zip(file.papers, file.records, strict=True)
            if not pair[0].destroyed
        ]
        self.papers += rows
        self.steps += _days(code, file)
        self.cases.append({"code": code, "stage": file.case.get_stage_display(), "papers": rows})
        self.packed.append(file.case.pk)

    def _paper(self, case: str, paper: Paper, text: str, *, at: datetime) -> tuple[object, ...]:
        document, sha256 = paper.document, paper.file.sha256 if paper.file else ""
        self.tick(1)
        recorded = document.frozen_at.astimezone(LOCAL).isoformat(timespec="seconds")
        hashes = recorded, sha256, document.hash
        if document.kind in TELLING_TITLES:
            return case, document.place, "", _("withheld: its title tells of health"), *hashes, ""
        record = redacted(document, text, sha256, self.codes)
        path = f"data/{case}/copies/{document.place:03d}-{document.kind}.pdf"
        self.bag.add(path, self._printed(record, at))
        return case, document.place, document.kind, record["title"], *hashes, path

    def _printed(self, record: Record, at: datetime) -> bytes:
        try:
            return print_page(
                "redacted.html",
                {
                    "record": record,
                    "mark": watermark(self.bundle.receiver or self.bundle.by_name, at),
                    "stamped": record["recorded_at"][:10],
                },
                language=record["language"],
                made_of=record,
                at=at,
            ).pdf
        except RenderError as error:
            raise DomainError(_("The papers cannot be printed now. Try again later.")) from error


def _days(code: str, file: CaseFile) -> Iterator[tuple[object, ...]]:
    for row in file.timeline():
        step = row.step
        if not step.restricted:
            title = step.get_kind_display() if step.matter_id else row.title  # not what it is about
            yield (
                code, title, moment_of(step.begun_at), row.last_day, moment_of(step.finished_at), row.late,
            )  # fmt: skip
