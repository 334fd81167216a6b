"""Pages of imports: upload, dry run with what would change and what is wrong, apply, download, discard."""

from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header

from casework.audit import trail
from casework.core.errors import DomainError
from casework.core.pager import number_in
from casework.org.models import Unit, UnitKind
from casework.org.pages import Page
from casework.org.roles import MAY_IMPORT, Can
from casework.students import own_words, runs, templates_xlsx
from casework.students.forms import ImportForm
from casework.students.models import ImportRun


class ImportStart(Page):
    """Choose what to import and upload the files; nothing is written yet."""

    capability: ClassVar[tuple[Can, ...]] = MAY_IMPORT

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(self._form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self._form(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(form, status=422)
        run = runs.begin(
            kind=form.cleaned_data["kind"],
            files=form.uploads(),
            township=form.cleaned_data["township"].strip(),
            by=self.user,
            at=self.at,
        )
        return redirect("students:import_run", run.pk)

    def _form(self, *data: Any) -> ImportForm:
        kinds = [
            (k, each.label) for k, each in runs.IMPORTERS.items() if self.user.can(each.capability)
        ]
        townships = self._townships()
        initial = {"township": townships[0]} if len(townships) == 1 else {}
        return ImportForm(*data, kinds=kinds, initial=initial)

    def _townships(self) -> list[str]:
        """The townships of the schools that are the person's to import."""
        found: set[str] = set()
        for unit in self.user.units_with(Can.IMPORT):
            above = unit.above(UnitKind.TOWNSHIP)
            below = Unit.objects.filter(kind=UnitKind.TOWNSHIP, path__startswith=unit.path)
            found |= {above.name} if above else set(below.values_list("name", flat=True))
        return sorted(found)

    def _show(self, form: ImportForm, status: int = 200) -> HttpResponse:
        mine = ImportRun.objects.filter(by=self.user).order_by("-pk")[:10]
        labels = {kind: each.label for kind, each in runs.IMPORTERS.items()}
        context = {"form": form, "townships": self._townships(), "runs": mine, "labels": labels}
        return self.show("students/import_start.html", context, status=status)


class OwnRun(Page):
    """A page about one upload, for who uploaded it."""

    capability: ClassVar[tuple[Can, ...]] = MAY_IMPORT

    def run(self, pk: int) -> ImportRun:
        """The upload, if it is the person's own; else 404."""
        run = get_object_or_404(ImportRun, pk=pk, by=self.user)
        if not runs.may_see(run, self.user):
            raise Http404  # the post that allowed the upload has ended
        return run


class ImportRunPage(OwnRun):
    """What an upload would change, and the buttons that do it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.run(pk)
        trail.look("import", [], by=self.user, at=self.at, reason=f"import:{run.pk}")
        context = {
            "run": run,
            "label": runs.IMPORTERS[run.kind].label,
            "said": run.outcome,
            "can_undo": runs.can_undo(run),
        }
        return self.show("students/import_run.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.run(pk)
        if request.POST.get("do") == "apply":
            runs.apply(run=run, by=self.user, at=self.at)
            return redirect("students:import_run", run.pk)
        runs.discard(run=run, by=self.user, at=self.at)
        return redirect("students:import")


class Words(OwnRun):
    """Say what the headers and signs of a file mean that nobody knows; it is remembered, and the file is read again."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self.run(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.run(pk)
        unit, asked = runs.office_of(run, self.user), self._asked(run)
        try:
            if request.POST.get("act") == "forget":
                number = number_in(request.POST.get("word", ""))
                own_words.forget(unit, number, by=self.user, at=self.at)
                return redirect("students:words", pk)
            said = {word: request.POST.get(f"w-{word}", "") for word in asked}
            own_words.remember(unit, run.kind, said, asked, by=self.user, at=self.at)
            runs.read_again(run, by=self.user, at=self.at)
        except DomainError as error:
            return self._show(run, error)
        return redirect("students:import_run", pk)

    def _asked(self, run: ImportRun) -> dict[str, list[str]]:
        asked: dict[str, list[str]] = run.outcome.get("asked", {})
        return asked

    def _show(self, run: ImportRun, error: DomainError | None = None) -> HttpResponse:
        unit = runs.office_of(run, self.user)
        context = {
            "run": run,
            "unit": unit,
            "asked": list(self._asked(run).items()),
            "words": unit.own_words.filter(kind=run.kind).order_by("said"),
            "error": error,
        }
        return self.show("students/words.html", context, status=409 if error else 200)


class RefusedRows(OwnRun):
    """The rows that were not taken, with the reasons, as a workbook."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.run(pk)
        data = runs.refused_file(run)
        trail.look("refused_rows", [], by=self.user, at=self.at, reason=f"import:{run.pk}")
        return _download(data, f"import-{run.pk}-refused.xlsx")


class TemplateFile(Page):
    """An empty workbook to fill in."""

    capability: ClassVar[tuple[Can, ...]] = MAY_IMPORT

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        if kind not in templates_xlsx.TEMPLATES:
            raise Http404
        return _download(templates_xlsx.template(kind), f"template-{kind}.xlsx")


def _download(data: bytes, name: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=name) or ""
    headers = {"Content-Disposition": disposition}
    return HttpResponse(data, content_type=templates_xlsx.XLSX, headers=headers)
