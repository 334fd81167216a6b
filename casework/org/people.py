"""Services on people, posts and units: they are added, ended and deactivated, never deleted."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.rows import fetched
from casework.core.transaction import one_act
from casework.org.absence import deputies
from casework.org.models import Post, Unit, UnitKind, User, away_on, paths_up
from casework.org.roles import Can, Role

LEVEL_OF: dict[str, str] = {
    Role.CLASS_TEACHER: UnitKind.CLASS,
    Role.STATUS_OFFICER: UnitKind.SCHOOL,
    Role.SCHOOL_CASE_OFFICER: UnitKind.SCHOOL,
    Role.PRINCIPAL: UnitKind.SCHOOL,
    Role.VILLAGE_CADRE: UnitKind.VILLAGE,
    Role.TOWNSHIP_CASE_OFFICER: UnitKind.TOWNSHIP,
    Role.TOWNSHIP_LEADER: UnitKind.TOWNSHIP,
    Role.TOWNSHIP_LEGAL: UnitKind.TOWNSHIP,
    Role.COUNTY_CASE_OFFICER: UnitKind.COUNTY,
    Role.COUNTY_SUPERVISOR: UnitKind.COUNTY,
    Role.LIAISON: UnitKind.DEPARTMENT,
    Role.DATA_ADMIN: UnitKind.COUNTY,
}
ONE_EACH = (Role.SCHOOL_CASE_OFFICER, Role.STATUS_OFFICER)  # one a school (domain.md B16, E4)
LEAVING: list[Callable[[User, datetime], None]] = []  # asked before a person is deactivated
ENDING: list[Callable[[Post, datetime], None]] = []  # asked before a post ends today
CODE_LIFE = timedelta(days=7)
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that are mistaken for another on a slip


def add_person(
    *,
    username: str,
    display_name: str,
    phone: str = "",
    visits_until: date | None = None,
    by: User | None,
    at: datetime,
) -> User:
    """A new member of staff, or an outside inspector through `visits_until`, who signs in first with a one-time code. A taken user name is refused."""
    username = username.strip()
    if not username or not display_name.strip():
        raise DomainError(_("A person needs a staff number or phone number, and a name."))
    if User.objects.filter(username__iexact=username).exists():
        raise DomainError(
            _("The user name %(username)s is taken. Use the staff number or phone number."),
            fields={"username": _("taken")},
            username=username,
        )
    with one_act():
        user = User(username=username, display_name=display_name.strip(), phone=phone)
        user.visits_until = visits_until
        user.set_unusable_password()
        user.must_set_password = True
        user.created_at = at
        user.save()
        trail.record("person.added", by=by, at=at, subject=f"user:{user.pk}")
    return user


def vacancies(schools: Iterable[Unit], day: date) -> dict[int, list[str]]:
    """By school the labels of the posts that exactly one person holds in each, where nobody does that day (domain.md B16, E4)."""
    held = Post.objects.held_on(day).filter(unit__in=list(schools), role__in=ONE_EACH)
    there = set(held.values_list("unit", "role"))
    found = {
        school.pk: [str(role.label) for role in ONE_EACH if (school.pk, role) not in there]
        for school in schools
    }
    return {pk: labels for pk, labels in found.items() if labels}


def _refuse_second(user: User, unit: Unit, role: str, since: date, until: date | None) -> None:
    """Of some posts a school has one at a time: whose it is must be known."""
    if role not in ONE_EACH:
        return
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    overlaps = Q(until=None) | Q(until__gt=since)  # the day of handing over is both's
    others = Post.objects.filter(overlaps, unit=unit, role=role).exclude(user=user)
    if until is not None:
        others = others.filter(since__lte=until)
    if other := others.select_related("user").first():
        raise DomainError(
            _("%(unit)s has one “%(role)s” at a time, now %(name)s: end that post first."),
            fields={"role": _("taken")},
            unit=unit.name,
            role=Role(role).label,
            name=other.user.display_name,
        )


def give_post(
    *,
    user: User,
    unit: Unit,
    role: str,
    since: date,
    until: date | None = None,
    by: User | None,
    at: datetime,
) -> Post:
    """Give a dated post; one that a school has once (`ONE_EACH`) only where nobody else holds it. The same post twice is one post, from the earlier day; rights nobody may give to himself (ACC-04)."""
    _refuse_own(user, by)
    if user.visits_until:
        raise DomainError(_("An inspector from outside holds no post."))
    if role not in Role.values:
        raise DomainError(_("There is no role “%(role)s”."), role=role)
    if unit.kind != LEVEL_OF[role]:
        raise DomainError(
            _("The post “%(role)s” belongs to a unit of the kind “%(kind)s”; %(unit)s is none."),
            fields={"unit": _("check the unit")},
            role=Role(role).label,
            kind=UnitKind(LEVEL_OF[role]).label,
            unit=unit.name,
        )
    if until is not None and until < since:
        raise DomainError(_("The post ends before it begins."))
    with one_act():
        _refuse_second(user, unit, role, since, until)
        post, new = Post.objects.get_or_create(
            user=user, unit=unit, role=role, until=until, defaults={"since": since}
        )
        earlier = since < post.since
        if earlier:
            post.since = since
            post.save(update_fields=["since"])
        if new or earlier:
            trail.record(
                "post.given",
                by=by,
                at=at,
                unit_id=unit.pk,
                subject=f"user:{user.pk}",
                role=role,
                since=since.isoformat(),
            )
    return post


def _refuse_own(user: User, by: User | None) -> None:
    if by is not None and by.pk == user.pk:
        raise DomainError(_("Nobody changes his own posts. Ask another administrator."))


def end_post(*, post: Post, until: date, by: User | None, at: datetime) -> None:
    """End a post on a day (inclusive). One that has ended is not prolonged, and nobody ends his own (ACC-04)."""
    _refuse_own(post.user, by)
    if until < post.since:
        raise DomainError(_("The post ends before it begins."))
    if post.until is not None and until > post.until:
        raise DomainError(_("This post has ended already."))
    for keep in ENDING if until <= local_date(at) else ():
        keep(post, at)
    with one_act():
        post.until = until
        post.save(update_fields=["until"])
        trail.record(
            "post.ended", by=by, at=at, unit_id=post.unit_id, subject=f"user:{post.user_id}"
        )


def set_active(*, user: User, active: bool, by: User, at: datetime) -> None:
    """Deactivate a person (works on the next request, ACC-05) or bring one back.

    Whoever has work in hand is not deactivated before it has a home: the rooms that know of work say so in `LEAVING`.
    """
    if user.pk == by.pk:
        raise DomainError(_("You cannot deactivate yourself."))
    with one_act():
        for leave in LEAVING if not active else ():
            leave(user, at)
        user.is_active = active
        user.save(update_fields=["is_active"])
        verb = "person.activated" if active else "person.deactivated"
        trail.record(verb, by=by, at=at, subject=f"user:{user.pk}")


def new_code(*, user: User, by: User | None, at: datetime) -> str:
    """A one-time code for the printed slip, in place of any password. Shown once, kept as a hash, good for a week."""
    if by is not None and not may_reset(by, user):
        raise DomainError(_("Resetting this person's sign-in is not yours to do."))
    return give_code(user=user, by=by, at=at)


def give_code(*, user: User, by: User | None, at: datetime) -> str:
    """The same for a service that has asked itself whether `by` may."""
    code = "-".join("".join(secrets.choice(CODE_LETTERS) for _i in range(4)) for _j in range(3))
    with one_act():
        user.set_password(code)
        user.must_set_password = True
        user.code_expires = at + CODE_LIFE
        user.save(update_fields=["password", "must_set_password", "code_expires"])
        trail.record("code.made", by=by, at=at, subject=f"user:{user.pk}")
    return code


def spend_code(user: User, *, at: datetime) -> None:
    """A one-time code opens the door once: who goes before setting a password needs another one."""
    if user.code_expires:
        user.code_expires = at
        user.save(update_fields=["code_expires"])


def may_reset(by: User, user: User) -> bool:
    """The data administrator for all; an office for the lesser roles of its unit.

    Never for those whose work it checks: whoever prints a code could sign in with it (domain.md 2.3).
    """
    if by.pk == user.pk or not by.can(Can.RESET_CODES):
        return False
    if by.can(Can.MANAGE_PEOPLE):
        return True
    offices = by.units_with(Can.RESET_CODES)
    posts = user.current_posts
    return bool(posts) and all(
        post.role in LESSER and any(unit.holds(post.unit) for unit in offices) for post in posts
    )


LESSER = frozenset({Role.CLASS_TEACHER, Role.STATUS_OFFICER, Role.VILLAGE_CADRE})


def set_password(*, user: User, password: str, at: datetime) -> None:
    """The person's own password; ends the one-time code."""
    with one_act():
        user.set_password(password)
        user.must_set_password = False
        user.code_expires = None
        user.save(update_fields=["password", "must_set_password", "code_expires"])
        trail.record("password.set", by=user, at=at, subject=f"user:{user.pk}")


def holders(
    roles: Iterable[str], at: datetime, paths: Sequence[str] | None = None
) -> dict[tuple[str, str], list[int]]:
    """Keys of those who hold each of the roles, by path of the unit (of all units where None) and role: three queries at most.

    In place of whoever is away that day stands the substitute.
    """
    day = local_date(at)
    posts = Post.objects.held_on(day).filter(role__in=roles, user__is_active=True).order_by("pk")
    held = posts if paths is None else posts.filter(unit__path__in=paths)
    there = deputies(day)
    active = (
        User.objects.filter(pk__in=there.values(), is_active=True) if there else User.objects.none()
    )
    able = set(active.values_list("pk", flat=True))
    found: dict[tuple[str, str], list[int]] = {}
    for path, role, user in held.values_list("unit__path", "role", "user_id"):
        place, person = found.setdefault((path, role), []), there.get(user, user)
        if person not in place and (person == user or person in able):
            place.append(person)
    return found


def nearest(held: dict[tuple[str, str], list[int]], role: str, path: str) -> list[int]:
    """Of `holders` those that `candidates` names: at that unit, else at the nearest above that has one."""
    places = ((place, role) for place in paths_up(path))
    return next((held[place] for place in places if place in held), [])


def candidates(role: str, unit: Unit, at: datetime) -> tuple[Unit, list[User]]:
    """Who can take a step of `role` at `unit`: its holders there, else of the nearest unit above that has one (design.md §3).

    In place of whoever is away that day stands the substitute.
    """
    posts = (
        Post.objects.held_on(local_date(at))
        .filter(role=role, unit__path__in=unit.paths_up(), user__is_active=True)
        .order_by("-unit__depth", "pk")
    )
    away = Exists(away_on(local_date(at)).filter(user=OuterRef("user")))
    rows = list(posts.annotate(away=away).values_list("unit_id", "user_id", "away"))
    there = deputies(local_date(at)) if any(gone for _unit, _user, gone in rows) else {}
    found = [(place, there.get(user, user)) for place, user, _gone in rows]
    if not found:
        return unit, []
    nearest = found[0][0]
    holders = list(dict.fromkeys(user for place, user in found if place == nearest))
    users = fetched(User, *holders)
    place = unit if nearest == unit.pk else fetched(Unit, nearest)[nearest]
    return place, [users[user_id] for user_id in holders if users[user_id].is_active]
