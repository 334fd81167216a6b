"""A school with cases whose papers have small stand-in files, so that bundles are made in milliseconds. Invented people."""

import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from casework.cases.models import Case, CaseScope
from casework.core.canonical import sha256_hex
from casework.deadlines.calendar import load_official
from casework.deadlines.terms import add_default_terms
from casework.documents import store
from casework.documents.issue import issue
from casework.documents.models import Document, SealedFile
from casework.documents.papers.register import PAPERS
from casework.evidence.bundle import make as make_bundle
from casework.evidence.models import Bundle
from casework.evidence.scope import order
from casework.org.models import Post, Unit, UnitKind, User
from casework.org.roles import Role
from casework.profiles.rules import baseline, publish
from casework.students.models import Pupil
from tests.documents.conftest import press_stops, seal_key
from tests.documents.samples import AT, values_for

__all__ = ["AT", "press_stops", "seal_key"]


@pytest.fixture
def county(db: None, settings: Any, tmp_path: Path) -> Unit:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SEAL_KEY = str(tmp_path / "no-seal.p12")
    county = Unit(kind=UnitKind.COUNTY, name="示范县", code="990026")
    made: Unit = Unit.objects.add_root(instance=county)
    publish(made, baseline(), name="基准", valid_from=date(2026, 1, 1), by=None, at=AT)
    load_official(at=AT, by=None)
    add_default_terms(made, at=AT, by=None)
    return made


def below(parent: Unit, kind: UnitKind, name: str, code: str) -> Unit:
    unit = Unit(kind=kind, name=name, short=name, code=code)
    made: Unit = Unit.objects.add_child(parent, instance=unit)
    return made


@pytest.fixture
def school(county: Unit) -> Unit:
    town = below(county, UnitKind.TOWNSHIP, "青石镇", "990026-1")
    return below(town, UnitKind.SCHOOL, "青石镇中学", "990026-1-1")


@pytest.fixture
def other_school(county: Unit) -> Unit:
    town = below(county, UnitKind.TOWNSHIP, "龙泉乡", "990026-2")
    return below(town, UnitKind.SCHOOL, "龙泉乡中学", "990026-2-1")


def person(unit: Unit, role: Role, username: str) -> User:
    user = User.objects.create(username=username, display_name="王立群", created_at=AT)
    Post.objects.create(user=user, unit=unit, role=role, since=date(2026, 1, 1))
    return user


@pytest.fixture
def officer(school: Unit) -> User:
    return person(school, Role.SCHOOL_CASE_OFFICER, "100001")


NewCase = Callable[..., Case]


@pytest.fixture
def new_case() -> NewCase:
    """A case of a pupil at a school, with its scope row."""

    def made(school: Unit, **more: Any) -> Case:
        number = Case.objects.count() + 1
        pupil = Pupil(name="杨思雨", sex="f", born=date(2013, 5, 8), created_at=AT)
        pupil.set_numbers(id_number="", status_number=f"G99002620130508{number:04d}")
        pupil.save()
        case = Case.objects.create(
            number=f"KC-990026-2026A-{number:05d}",
            pupil=pupil,
            school=school,
            opened_at=AT,
            opened_by="王立群",
            **more,
        )
        CaseScope.objects.create(case=case, path=school.path)
        return case

    return made


def empty_page() -> bytes:
    """The smallest PDF."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out)
    return out.getvalue()


def stand_in(document: Document, filler: bytes = b"") -> SealedFile:
    """A tiny PDF with the record inside, as a real one has it, in the place of a rendered and sealed file."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.attachments["record.json"] = document.record.encode()
        pdf.save(out)
    data = out.getvalue() + filler
    digest = sha256_hex(data)
    path = store.name_of(document.pk, digest)
    store.write_whole(store.folder() / path, data)
    file = SealedFile(
        document=document, path=path, sha256=digest, size=len(data), pages=1, sealed_at=AT
    )
    file.save()
    return file


def add_papers(
    case: Case, kinds: list[str], *, sealed: bool = True, at: datetime = AT, **more: Any
) -> list[Document]:
    """Papers on the chain of a case, each with its stand-in file."""
    made = []
    for kind in kinds:
        document = issue(
            chain=f"case:{case.pk}",
            kind=kind,
            values=values_for(PAPERS[kind], "least") | {"case_no": case.number},
            unit=case.school,
            subject=f"case:{case.pk}",
            at=at,
            by=None,
            **more,
        )
        if sealed:
            stand_in(document)
        made.append(document)
    return made


@pytest.fixture
def case(school: Unit, new_case: NewCase) -> Case:
    """A case with four papers."""
    made = new_case(school)
    add_papers(made, ["P35", "P36", "P04", "P06"])
    return made


def bundle_of(case: Case, target: Path, **more: Any) -> Bundle:
    """A bundle of a case without reading copy, written to `target`."""
    given = {"reason": "督导检查", "receiver": "示范市督导组", "merged": False, "by": None}
    bundle = order(case=case, at=AT, queued=False, **(given | more))
    assert make_bundle(bundle, at=AT, target=target), bundle.error
    return bundle
