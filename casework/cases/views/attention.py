"""The attention list of a class: who is on it and why, one tap for all who are well."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import ngettext

from casework.audit import trail
from casework.cases.attention import attention_list, check, tag, untag
from casework.cases.views.rolls import ClassPage, classes_of
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.org.pages import Page
from casework.org.roles import Can
from casework.students.models import Enrolment, GroupTag, KeyGroup, Look, Pupil


class AttentionClasses(Page):
    """The classes whose lists a person keeps; one alone is opened at once."""

    capability = Can.CALL_ROLL

    def get(self, request: HttpRequest) -> HttpResponse:
        found = page(classes_of(self.user), ["path", "id"], request.GET.get("after", ""))
        if found.first and len(found.rows) == 1:
            return redirect("cases:attention", found.rows[0].pk)
        return self.show("cases/attention_classes.html", {"page": found})


class Attention(ClassPage):
    """The list of one class."""

    @cached_property
    def pupils(self) -> QuerySet[Pupil]:
        running = Enrolment.objects.running_on(local_date(self.at))
        return Pupil.objects.filter(
            pk__in=running.filter(class_unit=self.class_unit).values("pupil")
        )

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            self._do(request.POST.get("act", ""))
        except DomainError as error:
            return self._show(error)
        return redirect("cases:attention", pk)

    def _do(self, act: str) -> None:
        said = self.request.POST
        if act == "tag":
            pupil = get_object_or_404(self.pupils, pk=number_in(said.get("pupil", "")))
            group, source = said.get("group", ""), said.get("source", "")[:120]
            tag(pupil, group, source, class_unit=self.class_unit, by=self.user, at=self.at)
        elif act == "untag":
            tags = GroupTag.objects.filter(pupil__in=self.pupils, until=None)
            made = get_object_or_404(tags, pk=number_in(said.get("tag", "")))
            untag(made, class_unit=self.class_unit, by=self.user, at=self.at)
        else:
            ticked = [number_in(each) for each in said.getlist("child")]
            rows = self.pupils.filter(pk__in=ticked)
            note = said.get("note", "")[:200]
            done = check(rows, self.class_unit, act, note, by=self.user, at=self.at)
            words = ngettext("%(n)s child checked.", "%(n)s children checked.", done)
            messages.success(self.request, words % {"n": done})

    def _show(self, error: DomainError | None = None) -> HttpResponse:
        children = attention_list(self.class_unit, self.at)
        trail.look("attention", [each.pupil.pk for each in children], by=self.user, at=self.at)
        tags = GroupTag.objects.filter(pupil__in=self.pupils, until=None).select_related("pupil")
        context = {
            "class_unit": self.class_unit,
            "children": children,
            "due": sum(each.is_due for each in children),
            "looks": Look.choices,
            "groups": [each for each in KeyGroup.choices if each[0] != KeyGroup.RETURNED],
            "others": self.pupils.order_by("name", "pk"),
            "tags": tags.order_by("pupil__name", "pk"),
            "error": error,
            "ticked": {number_in(each) for each in self.request.POST.getlist("child")},
            "note": self.request.POST.get("note", "")[:200],
        }
        return self.show("cases/attention.html", context, status=409 if error else 200)
