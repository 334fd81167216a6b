"""How a person is told: e-mail, digest, SMS, the own calendar; and a notice opened."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views import View

from casework.audit import trail
from casework.cases.feed import calendar_of
from casework.cases.models import Step
from casework.core import clock
from casework.notices.channels import channels_of, choose, end_feed, make_feed, owner_of
from casework.notices.models import Feed, Notice
from casework.org.pages import Page


class ChannelsForm(forms.Form):
    email = forms.EmailField(
        label=lazy("E-mail address"),
        required=False,
        error_messages={"invalid": lazy("This is no e-mail address. Correct it.")},
    )
    digest = forms.BooleanField(label=lazy("One message each working morning"), required=False)
    at_once = forms.BooleanField(label=lazy("What is urgent at once"), required=False)
    sms = forms.BooleanField(label=lazy("By SMS to my phone"), required=False)


class ChannelsPage(Page):
    """What I want to hear where, and the secret address of my calendar."""

    capability = None

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(self._kept())

    def _kept(self) -> ChannelsForm:
        mine = channels_of(self.user)
        said = {name: getattr(mine, name) for name in ("email", "digest", "at_once", "sms")}
        return ChannelsForm(initial=said)

    def post(self, request: HttpRequest) -> HttpResponse:
        act = request.POST.get("act", "")
        if act == "feed":
            address = request.build_absolute_uri(
                reverse("cases:feed", args=[make_feed(self.user, at=self.at)])
            )
            return self._show(self._kept(), address=address)
        if act == "end":
            end_feed(self.user, at=self.at)
            messages.success(request, _("The address of your calendar is dead now."))
            return redirect("cases:channels")
        form = ChannelsForm(request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        choose(self.user, **form.cleaned_data, at=self.at)
        messages.success(request, _("Kept."))
        return redirect("cases:channels")

    def _show(self, form: ChannelsForm, *, address: str = "", status: int = 200) -> HttpResponse:
        return self.show(
            "cases/channels.html",
            {
                "form": form,
                "address": address,
                "has_feed": Feed.objects.filter(user=self.user).exists(),
                "mails": bool(settings.EMAIL_HOST),
                "texts": bool(settings.SMS_URL),
            },
            status=status,
        )


class OpenNotice(Page):
    """A notice is read when it is opened; it leads on to what it tells of."""

    capability = None

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        notice = get_object_or_404(Notice, pk=pk, user=self.user)
        Notice.objects.filter(pk=pk, read_at=None).update(read_at=self.at)
        return redirect(notice.link or "cases:notices")


class FeedFile(View):
    """The calendar of whoever holds the secret: days and kinds of the own steps, the child by one character."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        user = owner_of(token)
        if user is None:
            raise Http404
        at = clock.now()
        cases = Step.objects.open().filter(holder=user).values_list("case", flat=True)
        trail.look("feed", cases, by=user, at=at)
        return HttpResponse(calendar_of(user, at), content_type="text/calendar; charset=utf-8")
