"""Who is absent without leave, to be called the same day (stage 0)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases import access
from casework.cases.alerts import AWAY, Alert, alerts_for, record_contact, rolls_called
from casework.cases.drafts import note_sent
from casework.cases.forms import AbsenceCallForm, RecordForm
from casework.cases.photos import Taken
from casework.cases.views.record import RecordPage, where_harm_is_reported
from casework.core.clock import LOCAL
from casework.core.crypto import masked_phone
from casework.core.transaction import one_act
from casework.org.pages import Page
from casework.org.roles import Can


class Absent(Page):
    """The list: one button a child. A class has few; what is over leaves the list by itself."""

    capability = Can.CALL_ABSENT

    def get(self, request: HttpRequest) -> HttpResponse:
        alerts = alerts_for(self.user, self.at)
        trail.look("absent", [each.pupil.pk for each in alerts], by=self.user, at=self.at)
        called = alerts or rolls_called(self.user, self.at)
        return self.show("cases/absent.html", {"alerts": alerts, "called": called})


class AbsenceCall(RecordPage):
    """Record the call to one family."""

    capability = Can.CALL_ABSENT

    def form_class(self) -> type[RecordForm]:
        return AbsenceCallForm

    def draft_key(self) -> str:
        return f"absent:{self.kwargs['pk']}"

    def alert(self) -> Alert:
        pk = self.kwargs["pk"]
        found = next((a for a in alerts_for(self.user, self.at) if a.pupil.pk == pk), None)
        if found is None:
            raise Http404
        return found

    def defaults(self) -> dict[str, Any]:
        return {"when": self.at.astimezone(LOCAL).replace(tzinfo=None)}

    def frame(self) -> dict[str, Any]:
        pupil = self.alert().pupil
        trail.look("pupil", [pupil.pk], by=self.user, at=self.at)
        guardians = [(each, masked_phone(each.phone)) for each in pupil.guardians.order_by("rank")]
        return {
            "pupil": pupil,
            "title": _("Call about an absence"),
            "home": reverse("cases:absent"),
            "guardians": guardians,
        }

    def refuse_unreachable(self) -> None:
        """The alert may be over meanwhile; what was typed is kept all the same."""
        get_object_or_404(access.pupils_visible_to(self.user), pk=self.kwargs["pk"])

    def harm(self) -> str:
        return where_harm_is_reported(self.user, self.kwargs["pk"])

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        pupil, answer = self.alert().pupil, reverse("cases:absent")
        with one_act():
            record_contact(pupil, data, by=self.user, at=self.at)
            note_sent(key=form_key, user=self.user, answer=answer, at=self.at)
        if data["result"] == AWAY:
            messages.warning(
                self.request,
                _("The call is recorded. The child stays away: note the suspicion now."),
            )
            return f"{reverse('cases:suspicion')}?pupil={pupil.pk}"
        messages.success(self.request, _("The call is recorded."))
        return answer
