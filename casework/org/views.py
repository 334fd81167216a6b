"""Sign-in, own password, people and units."""

import re
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views import View

from casework.audit import trail
from casework.core import clock
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.core.transaction import one_act
from casework.org import people, units
from casework.org.absence import may_arrange
from casework.org.demo import LOGINS, PASSWORD
from casework.org.forms import PersonForm, PostForm, SetPasswordForm, UnitForm
from casework.org.models import Post, Unit, UnitKind, User
from casework.org.pages import Page
from casework.org.roles import Can

CODE = re.compile(r"(?i)[a-z2-9]{4}(-[a-z2-9]{4}){2}")


class SignInForm(AuthenticationForm):
    """User name and password or one-time code; an expired code is as wrong as a wrong one, and so is an inspector after the last day."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": lazy("The number or the password is wrong.")
    }

    def clean_username(self) -> str:
        """One name whatever its case: the lock-out counts it once."""
        return str(self.cleaned_data["username"]).strip().casefold()

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if user.code_expires and user.code_expires < clock.now():
            raise self.get_invalid_login_error()
        if user.visits_until and not user.is_visiting:
            raise ValidationError(lazy("Your time as an inspector is over."))

    def clean(self) -> dict[str, Any]:
        """A code is typed in capitals or not, as a phone's keyboard likes."""
        typed = self.cleaned_data.get("password", "")
        waits = User.objects.filter(username__iexact=self.cleaned_data.get("username", ""))
        if CODE.fullmatch(typed) and waits.exclude(code_expires=None).exists():
            self.cleaned_data["password"] = typed.upper()
        return super().clean()


class SignIn(LoginView):
    """The sign-in page; in demo mode it lists the demo's logins."""

    template_name = "org/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            demo_logins=LOGINS if settings.DEMO else [],
            demo_password=PASSWORD if settings.DEMO else "",
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if sprayed(request, clock.now()):
            return render(request, "org/locked.html", status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        with one_act():
            people.spend_code(user, at=clock.now())
            trail.record("signed_in", by=user, at=clock.now(), subject=f"user:{user.pk}")
        return super().form_valid(form)


def sprayed(request: HttpRequest, at: datetime) -> bool:
    """Whether one address has tried too many names with wrong passwords within the last half hour (AUTH-01)."""
    since = at - timedelta(hours=settings.AXES_COOLOFF_TIME)
    tries = AccessAttempt.objects.filter(
        ip_address=request.META["REMOTE_ADDR"], attempt_time__gte=since
    )
    failures = tries.aggregate(all=Sum("failures_since_start"))["all"] or 0
    return bool(failures >= settings.SPRAY_LIMIT)


class SignOut(View):
    """Signing out is a POST; a GET changes nothing."""

    def post(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        return redirect("org:sign_in")


class SetPassword(View):
    """The first page after a one-time code: a password of one's own."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect("org:sign_in")
        if _signed_in(request).visits_until and not _signed_in(request).is_visiting:
            return redirect("/")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request, SetPasswordForm(_signed_in(request)))

    def post(self, request: HttpRequest) -> HttpResponse:
        user = _signed_in(request)
        form = SetPasswordForm(user, request.POST)
        if not form.is_valid():
            return self._show(request, form)
        people.set_password(user=user, password=form.cleaned_data["password"], at=clock.now())
        update_session_auth_hash(request, user)
        return redirect("/")

    def _show(self, request: HttpRequest, form: SetPasswordForm) -> HttpResponse:
        return render(request, "org/set_password.html", {"form": form})


def _signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


class People(Page):
    """People of the units one manages, by name; search by name or user name."""

    capability = (Can.MANAGE_PEOPLE, Can.RESET_CODES)

    def get(self, request: HttpRequest) -> HttpResponse:
        words = request.GET.get("q", "").strip()
        rows = User.objects.filter(pk__in=self._visible())
        if words:
            rows = rows.filter(display_name__icontains=words) | rows.filter(
                username__startswith=words
            )
        found = page(
            rows.prefetch_related("posts__unit"),
            ["display_name", "id"],
            request.GET.get("after", ""),
        )
        return self.show(
            "org/people.html",
            {"page": found, "q": words, "manages": self.user.can(Can.MANAGE_PEOPLE)},
        )

    def _visible(self) -> Any:
        return people_in_reach(self.user).values("pk")


def people_in_reach(user: User) -> Any:
    """The people an administrator manages, or whose code an office may reset."""
    if user.can(Can.MANAGE_PEOPLE):
        return User.objects.all()
    posts = Post.objects.none()
    for unit in user.units_with(Can.RESET_CODES):
        posts = posts | Post.objects.filter(unit__path__startswith=unit.path)
    return User.objects.filter(pk__in=posts.values("user"))


class Person(Page):
    """One person: posts, activity, a new one-time code."""

    capability = (Can.MANAGE_PEOPLE, Can.RESET_CODES)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(
            self._person(pk),
            PostForm(units=_all_units(), initial={"since": clock.local_date(self.at)}),
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person, act = self._person(pk), request.POST.get("act")
        if act == "code":
            code = people.new_code(user=person, by=self.user, at=self.at)
            return self.show("org/slip.html", {"person": person, "code": code})
        if not self.user.can(Can.MANAGE_PEOPLE):
            raise PermissionDenied
        if act in ("activate", "deactivate"):
            return self._set_active(person, active=act == "activate")
        if act == "end":
            post = get_object_or_404(Post, pk=number_in(request.POST.get("post", "")), user=person)
            people.end_post(post=post, until=clock.local_date(self.at), by=self.user, at=self.at)
        else:
            return self._give_post(person)
        return redirect("org:person", pk=pk)

    def _set_active(self, person: User, *, active: bool) -> HttpResponse:
        try:
            people.set_active(user=person, active=active, by=self.user, at=self.at)
        except DomainError as error:
            form = PostForm(units=_all_units(), initial={"since": clock.local_date(self.at)})
            return self._show(User.objects.get(pk=person.pk), form, error)
        return redirect("org:person", pk=person.pk)

    def _give_post(self, person: User) -> HttpResponse:
        form = PostForm(self.request.POST, units=_all_units())
        if not form.is_valid():
            return self._show(person, form)
        try:
            people.give_post(user=person, by=self.user, at=self.at, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
            return self._show(person, form)
        return redirect("org:person", pk=person.pk)

    def _person(self, pk: int) -> User:
        found: User = get_object_or_404(people_in_reach(self.user), pk=pk)
        return found

    def _show(self, person: User, form: PostForm, error: DomainError | None = None) -> HttpResponse:
        posts = person.posts.select_related("unit").order_by("-since", "pk")
        return self.show(
            "org/person.html",
            {
                "person": person,
                "posts": posts,
                "form": form,
                "manages": self.user.can(Can.MANAGE_PEOPLE),
                "arranges": may_arrange(self.user, person),
                "resets": people.may_reset(self.user, person),
                "today": clock.local_date(self.at),
                "error": error,
            },
            status=409 if error else 200,
        )


def _all_units() -> Any:
    return Unit.objects.exclude(kind=UnitKind.GRADE).order_by("path")


class NewPerson(Page):
    """Add a person with a first post; the slip with the code comes next."""

    capability = Can.MANAGE_PEOPLE

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(
            PersonForm(units=_all_units(), initial={"since": clock.local_date(self.at)})
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PersonForm(request.POST, units=_all_units())
        if not form.is_valid():
            return self._show(form)
        data = form.cleaned_data
        post = {key: data.pop(key) for key in ("role", "unit", "since")}
        try:
            with one_act():
                person = people.add_person(by=self.user, at=self.at, **data)
                people.give_post(user=person, by=self.user, at=self.at, **post)
        except DomainError as error:
            form.add_error(None, str(error))
            return self._show(form)
        return redirect("org:person", pk=person.pk)

    def _show(self, form: PersonForm) -> HttpResponse:
        return self.show("org/form.html", {"form": form, "title": _("New person")})


class Units(Page):
    """The tree, one level at a time, with a form for a new unit below."""

    capability = Can.MANAGE_PEOPLE

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        return self._show(self._unit(pk), None)

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        unit = self._unit(pk)
        form = UnitForm(request.POST, kinds=_kinds_below(unit))
        if not form.is_valid():
            return self._show(unit, form)
        units.add_unit(parent=unit, by=self.user, at=self.at, **form.cleaned_data)
        return redirect("org:unit", pk=unit.pk)

    def _unit(self, pk: int | None) -> Unit:
        return units.county() if pk is None else get_object_or_404(Unit, pk=pk)

    def _show(self, unit: Unit, form: UnitForm | None) -> HttpResponse:
        kinds = _kinds_below(unit)
        children = list(Unit.objects.get_children(unit).order_by("kind", "name"))
        schools = [each for each in (unit, *children) if each.kind == UnitKind.SCHOOL]
        return self.show(
            "org/units.html",
            {
                "unit": unit,
                "above": Unit.objects.get_ancestors(unit),
                "children": children,
                "vacant": people.vacancies(schools, clock.local_date(self.at)),
                "posts": unit.posts.filter(until=None).select_related("user").order_by("role"),
                "form": form or (UnitForm(kinds=kinds) if kinds else None),
            },
        )


def _kinds_below(unit: Unit) -> list[tuple[str, str]]:
    return [(kind, str(UnitKind(kind).label)) for kind in units.BELOW.get(unit.kind, ())]
