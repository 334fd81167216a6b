"""Imports by page: upload and dry run first, then apply or discard. Uploads lie encrypted, by number, until then."""

import base64
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.crypto import decrypt, encrypt
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import Unit, UnitKind, User
from casework.org.roles import Can
from casework.students import imports, templates_xlsx
from casework.students.lists import import_list
from casework.students.models import ImportRun, ListKind
from casework.students.own_words import in_words_of
from casework.students.report import Report
from casework.students.workbook import Upload


class Take(Protocol):
    """Brings the files of an upload into the records, or with `dry_run` says what it would do."""

    def __call__(
        self, run: ImportRun, files: Sequence[Upload], *, by: User, at: datetime, dry_run: bool
    ) -> Report: ...


@dataclass(frozen=True)
class Importer:
    """A kind of import: what it is called, which capability it needs, what takes its files."""

    label: Promise
    capability: Can
    take: Take


def _take_roster(
    run: ImportRun, files: Sequence[Upload], *, by: User, at: datetime, dry_run: bool
) -> Report:
    return imports.import_roster(
        files, township=run.township, by=by, at=at, dry_run=dry_run, run=run
    )


def _take_attendance(
    run: ImportRun, files: Sequence[Upload], *, by: User, at: datetime, dry_run: bool
) -> Report:
    return imports.import_attendance(files, by=by, at=at, dry_run=dry_run, run=run)


def _take_staff(
    run: ImportRun, files: Sequence[Upload], *, by: User, at: datetime, dry_run: bool
) -> Report:
    return imports.import_staff(files, by=by, at=at, dry_run=dry_run, run=run)


def _take_list(
    run: ImportRun, files: Sequence[Upload], *, by: User, at: datetime, dry_run: bool
) -> Report:
    unit = unit_of_list(by, run.township)
    return import_list(files, kind=run.kind, unit=unit, by=by, at=at, dry_run=dry_run, run=run)


# what may be imported, by kind; a room to the right adds its own when it is ready
IMPORTERS: dict[str, Importer] = {
    "roster": Importer(_("rosters of schools"), Can.IMPORT, _take_roster),
    "attendance": Importer(_("monthly roll-books"), Can.IMPORT, _take_attendance),
    "staff": Importer(_("staff and villages"), Can.MANAGE_PEOPLE, _take_staff),
    **{str(kind): Importer(kind.label, Can.COMPARE, _take_list) for kind in ListKind},
}
PLACE = "imports"
REFUSED, JOURNAL = "refused", "undo"
STALE = timedelta(days=7)


def begin(
    *, kind: str, files: Sequence[Upload], township: str, by: User, at: datetime
) -> ImportRun:
    """Keep an upload and say what it would change. Nothing of it is in the records yet."""
    _check_may(kind, by)
    run = ImportRun(kind=kind, by=by, at=at, township=township, files=imports.described(files))
    run.office = office_of(run, by)
    report = _read(run, files, by=by, at=at, dry_run=True)
    run.outcome = report.outcome()
    refused = _refused_file(report)  # a large one takes long, and holds nobody up here
    with one_act():
        run.save()
        for number, upload in enumerate(files):
            _keep(run, str(number), upload.data)
        if refused:
            _keep(run, REFUSED, refused)
        trail.record("import.uploaded", by=by, at=at, subject=f"import:{run.pk}", kind=kind)
    return run


def apply(*, run: ImportRun, by: User, at: datetime) -> Report:
    """Bring the good rows into the records; the refused ones stay for download. Twice: DomainError."""
    _check_may(run.kind, by)
    with one_act():
        run = _unfinished(run)
        report = _read(run, _files(run), by=by, at=at, dry_run=False)
        _keep_refused(run, report)
        if report.journal:
            _keep(run, JOURNAL, json.dumps(report.journal).encode())
    for number in range(len(run.files)):
        _path(run, str(number)).unlink(missing_ok=True)
    return report


def read_again(run: ImportRun, *, by: User, at: datetime) -> None:
    """Say anew what an upload would change: its words are known by now. DomainError as from `apply`."""
    _check_may(run.kind, by)
    with one_act():
        run = _unfinished(run)
        report = _read(run, _files(run), by=by, at=at, dry_run=True)
        run.outcome = report.outcome()
        run.save(update_fields=["outcome"])
        _keep_refused(run, report)
        trail.record("import.read_again", by=by, at=at, subject=f"import:{run.pk}", kind=run.kind)


def _unfinished(run: ImportRun) -> ImportRun:
    """The upload, locked (inside one_act). DomainError: applied or discarded already."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.applied_at or run.discarded_at:
        raise DomainError(_("This import was finished already. Upload the files again."))
    return run


def office_of(run: ImportRun, by: User) -> Unit:
    """The office whose upload it is, and in whose words it is read; of one from before that was kept, the person's own."""
    return run.office or by.units_with(IMPORTERS[run.kind].capability)[0]


def may_see(run: ImportRun, user: User) -> bool:
    """Whether an upload is still the person's: hers, and of an office for which she imports today."""
    capability = IMPORTERS[run.kind].capability
    held = user.can(capability, run.office) if run.office else user.can(capability)
    return run.by_id == user.pk and held


def _read(
    run: ImportRun, files: Sequence[Upload], *, by: User, at: datetime, dry_run: bool
) -> Report:
    with in_words_of(office_of(run, by), run.kind):
        return IMPORTERS[run.kind].take(run, files, by=by, at=at, dry_run=dry_run)


def _files(run: ImportRun) -> list[Upload]:
    return [Upload(each["name"], _kept(run, str(n))) for n, each in enumerate(run.files)]


def discard(*, run: ImportRun, by: User | None, at: datetime) -> None:
    """Delete what is kept of an upload, applied or not."""
    with one_act():
        run.discarded_at = at
        run.save(update_fields=["discarded_at"])
        trail.record("import.discarded", by=by, at=at, subject=f"import:{run.pk}")
    shutil.rmtree(_path(run, ""), ignore_errors=True)


def discard_stale(*, at: datetime) -> int:
    """Delete uploads that nobody finished within a week; how many. For the nightly sweep."""
    stale = list(ImportRun.objects.filter(discarded_at=None, at__lt=at - STALE, by__isnull=False))
    for run in stale:
        discard(run=run, by=None, at=at)
    return len(stale)


def refused_file(run: ImportRun) -> bytes:
    """The workbook of the rows that were not taken. None kept: DomainError."""
    if not _path(run, REFUSED).is_file():
        raise DomainError(_("No refused rows are kept of this import."))
    return _kept(run, REFUSED)


def can_undo(run: ImportRun) -> bool:
    """Whether what an undo needs is kept: of an applied roll-book or roster, until its files are deleted."""
    return bool(run.applied_at and not run.undone_at and _path(run, JOURNAL).is_file())


def journal_of(run: ImportRun) -> dict[str, Any]:
    """What the import did. Nothing kept of it: DomainError."""
    if not can_undo(run):
        raise DomainError(_("Nothing is kept of this import by which it could be taken back."))
    found: dict[str, Any] = json.loads(_kept(run, JOURNAL))
    return found


def _check_may(kind: str, by: User) -> None:
    if kind not in IMPORTERS or not by.can(IMPORTERS[kind].capability):
        raise DomainError(_("This import is not yours to do."))


def unit_of_list(by: User, township: str) -> Unit:
    """Whose list it is: the township named, if it is below one's office; else one's own office. DomainError for another name."""
    own = by.units_with(Can.COMPARE)[0]
    if not township or township == own.name:
        return own
    found = Unit.objects.filter(kind=UnitKind.TOWNSHIP, name=township, path__startswith=own.path)
    unit: Unit | None = found.first()
    if unit is None:
        raise DomainError(_("No township of this name is below your office."))
    return unit


def _keep_refused(run: ImportRun, report: Report) -> None:
    if refused := _refused_file(report):
        _keep(run, REFUSED, refused)


def _refused_file(report: Report) -> bytes:
    return templates_xlsx.refused_rows(report) if report.refused_rows else b""


def _path(run: ImportRun, name: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "imports" / str(run.pk) / name


def _keep(run: ImportRun, name: str, data: bytes) -> None:
    path = _path(run, name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sealed = encrypt(base64.b64encode(data).decode(), PLACE)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(sealed)


def _kept(run: ImportRun, name: str) -> bytes:
    return base64.b64decode(decrypt(_path(run, name).read_text(), PLACE))
