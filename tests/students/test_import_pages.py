"""The import pages: nothing is written before it is said so, uploads lie sealed, and only their owner sees them."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from casework.core.errors import DomainError
from casework.org.models import Unit, User
from casework.org.roles import Role
from casework.students import runs
from casework.students.models import ImportRun, Pupil
from casework.students.workbook import Upload, read
from tests.students.books import AT, pupil, roster, workbook
from tests.students.conftest import person

pytestmark = pytest.mark.usefixtures("files_of_its_own")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"
    return client


def sent(client: Client, upload: Upload, kind: str = "roster", township: str = "青石镇") -> str:
    """Upload by the form; the address of the dry run."""
    file = SimpleUploadedFile(upload.name, upload.data)
    answer = client.post("/import/", {"kind": kind, "township": township, "upload": [file]})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def test_it_works(officer: User) -> None:
    client = signed_in(officer)
    where = sent(client, roster(pupil(1), pupil(2, **{"年级★": "?"})))
    shown = client.get(where).content.decode()
    assert "文涛二" in shown and "Nothing is written yet" in shown and "roster.xlsx" in shown
    assert Pupil.objects.count() == 0
    client.post(where, {"do": "apply"})
    assert Pupil.objects.count() == 1
    run = ImportRun.objects.get()
    assert run.applied_at is not None and run.outcome["refused"] == 1
    refused = client.get(where + "refused.xlsx")
    assert refused["Content-Disposition"] == f'attachment; filename="import-{run.pk}-refused.xlsx"'
    assert len(read(Upload("r.xlsx", refused.content))[0].rows) == 2


def test_uploads_lie_sealed_by_number_and_go_when_applied(officer: User, tmp_path: Path) -> None:
    where = sent(signed_in(officer), roster(pupil(1), name="文涛.xlsx"))
    (kept,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept.name == "0" and stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.read_bytes()[:2] != b"PK" and "文涛" not in kept.read_text()
    signed_in(officer).post(where, {"do": "apply"})
    (left,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert left.name == runs.JOURNAL and stat.S_IMODE(left.stat().st_mode) == 0o600
    assert "文涛" not in left.read_text() and '"new"' not in left.read_text()


def test_discarding_deletes_the_upload_and_writes_nothing(officer: User, tmp_path: Path) -> None:
    client = signed_in(officer)
    where = sent(client, roster(pupil(1), pupil(2, **{"年级★": "?"})))
    client.post(where, {"do": "discard"})
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert Pupil.objects.count() == 0
    assert client.get(where + "refused.xlsx").status_code == 409


def test_applying_twice_is_refused(officer: User) -> None:
    run = runs.begin(kind="roster", files=[roster(pupil(1))], township="青石镇", by=officer, at=AT)
    runs.apply(run=run, by=officer, at=AT)
    with pytest.raises(DomainError, match="finished already"):
        runs.apply(run=run, by=officer, at=AT)


def test_an_upload_that_nobody_finishes_is_deleted_after_a_week(
    officer: User, tmp_path: Path
) -> None:
    runs.begin(kind="roster", files=[roster(pupil(1))], township="青石镇", by=officer, at=AT)
    assert runs.discard_stale(at=AT + timedelta(days=6)) == 0
    assert runs.discard_stale(at=AT + timedelta(days=8)) == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_only_who_uploaded_sees_it_ACC_01(officer: User, county: Unit) -> None:
    where = sent(signed_in(officer), roster(pupil(1)))
    other = signed_in(person("other", Role.COUNTY_CASE_OFFICER, county))
    assert other.get(where).status_code == 404
    assert other.post(where, {"do": "apply"}).status_code == 404


def test_a_supervisor_may_not_import_ACC_01(county: Unit) -> None:
    supervisor = signed_in(person("supervisor", Role.COUNTY_SUPERVISOR, county))
    assert supervisor.get("/import/").status_code == 403
    assert Client().get("/import/").status_code == 302


def test_who_imports_pupils_may_not_import_staff(officer: User) -> None:
    file = SimpleUploadedFile("s.xlsx", workbook({"a": [["姓名"]]}))
    answer = signed_in(officer).post("/import/", {"kind": "staff", "upload": [file]})
    assert answer.status_code == 422


def test_a_school_officer_imports_only_the_own_school(officer: User) -> None:
    other = {"学校标识码★": "2152990009", "学校名称": "大湾小学"}
    run = runs.begin(
        kind="roster",
        files=[roster(pupil(1), pupil(2, **other))],
        township="青石镇",
        by=officer,
        at=AT,
    )
    runs.apply(run=run, by=officer, at=AT)
    own = Unit.objects.get(kind="school", code="2152990003")
    clerk = person("clerk", Role.SCHOOL_CASE_OFFICER, own)
    both = [roster(pupil(1), pupil(3), pupil(4, **other))]
    again = runs.begin(kind="roster", files=both, township="青石镇", by=clerk, at=AT)
    assert (again.outcome["applied"], again.outcome["unchanged"], again.outcome["refused"]) == (
        1,
        1,
        1,
    )
    assert "not yours" in again.outcome["errors"][0]["message"]


def test_a_file_that_cannot_be_read_is_told_on_the_page(officer: User) -> None:
    client = signed_in(officer)
    shown = client.get(sent(client, Upload("x.xlsx", b"%PDF-1.7 \x00"))).content.decode()
    assert "neither an XLSX workbook nor a CSV" in shown


def test_a_roster_without_its_township_is_asked_again(officer: User) -> None:
    file = SimpleUploadedFile("r.xlsx", roster(pupil(1)).data)
    answer = signed_in(officer).post("/import/", {"kind": "roster", "upload": [file]})
    assert answer.status_code == 422 and "needs its township" in answer.content.decode()


@pytest.mark.parametrize(("kind", "status"), [("roster", 200), ("staff", 200), ("other", 404)])
def test_templates_are_handed_out(officer: User, kind: str, status: int) -> None:
    assert signed_in(officer).get(f"/import/template/{kind}.xlsx").status_code == status
