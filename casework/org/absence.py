"""People who are away and who stands in for them: dated, in chains, never in a circle. The substitute holds their posts meanwhile."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import Latch, Post, StandIn, Unit, UnitKind, User
from casework.org.roles import Can, Role

LONGEST = timedelta(days=366)
NOT_LENT = (Role.DATA_ADMIN,)  # rights over people are never lent


def may_arrange(by: User, user: User) -> bool:
    """One's own absence, or that of people of one's units; never for the office above."""
    if by.pk == user.pk:
        return True
    posts = user.current_posts
    return bool(posts) and all(by.can(Can.REASSIGN, post.unit) for post in posts)


def colleagues(user: User, day: date) -> QuerySet[User]:
    """Who could stand in: people with a post in the same school or office."""
    places = Q(pk=None)
    for post in user.current_posts:
        places |= Q(posts__unit__path__startswith=_office(post.unit).path)
    held = Q(posts__in=Post.objects.held_on(day))
    found = User.objects.filter(places, held, is_active=True).exclude(pk=user.pk)
    return found.distinct().order_by("display_name", "pk")


def _office(unit: Unit) -> Unit:
    """The school of a class, the township of a village; else the unit itself, without what lies below a county."""
    if unit.kind == UnitKind.VILLAGE:
        return unit.above(UnitKind.TOWNSHIP) or unit
    return unit.above(UnitKind.SCHOOL) or unit


def arrange(
    *, user: User, substitute: User, since: date, until: date, reason: str, by: User, at: datetime
) -> StandIn:
    """Arrange that `substitute` stands in for `user` from `since` through `until`.

    He holds the posts meanwhile, and so does whoever stands in for him. DomainError: wrong days, an absence arranged
    already, a circle, or rights that somebody would give to himself (ACC-04).
    """
    _refuse_days(since, until, at)
    if not may_arrange(by, user):
        raise DomainError(_("This person's absence is not yours to arrange."))
    if by.pk == substitute.pk:
        raise DomainError(
            _("Nobody makes himself a substitute. Let the person or the office above do it."),
            fields={"substitute": _("choose somebody else")},
        )
    with one_act():
        Latch.hold("absence")
        if _running(user, since, until).exists():
            raise DomainError(_("An absence on these days is arranged already."))
        chain = [substitute, *_chain(substitute, since, until)]
        if user.pk in [each.pk for each in chain]:
            raise DomainError(
                _("That would go in a circle: %(names)s."),
                fields={"substitute": _("is substituted by the same person")},
                names=" → ".join(each.display_name for each in [user, *chain]),
            )
        stand_in: StandIn = StandIn.objects.create(
            user=user, substitute=substitute, since=since, until=until, reason=reason.strip()[:200],
            arranged_by=by.display_name, arranged_at=at,
        )  # fmt: skip
        for person in chain:
            _lend(stand_in, person)
        _note("absence.arranged", stand_in, by, at)
    return stand_in


def _refuse_days(since: date, until: date, at: datetime) -> None:
    if until < since or until < local_date(at):
        raise DomainError(
            _("The last day lies before the first, or has passed."),
            fields={"until": _("check the day")},
        )
    if until - since > LONGEST:
        raise DomainError(
            _("An absence lasts at most a year."), fields={"until": _("too far ahead")}
        )


def _running(user: User, since: date, until: date) -> QuerySet[StandIn]:
    return StandIn.objects.filter(user=user, since__lte=until, until__gte=since)


def _chain(user: User, since: date, until: date) -> Iterator[User]:
    """Who stands in for the substitute on these days, and for that one, until somebody is there or it goes in a circle."""
    seen = {user.pk}
    while True:
        following = _running(user, since, until).select_related("substitute").first()
        if following is None:
            return
        user = following.substitute
        yield user
        if user.pk in seen:
            return
        seen.add(user.pk)


def _lend(stand_in: StandIn, person: User) -> None:
    """The posts of the absent for the days of the absence, those lent to him included."""
    for post in Post.objects.held_on(stand_in.since).filter(user=stand_in.user):
        if post.role not in NOT_LENT:
            Post.objects.create(
                user=person, unit_id=post.unit_id, role=post.role, since=stand_in.since,
                until=min(filter(None, (stand_in.until, post.until))), lent_by=stand_in,
            )  # fmt: skip


def come_back(stand_in: StandIn, *, by: User, at: datetime) -> None:
    """End an absence before its day: yesterday was its last one."""
    if not may_arrange(by, stand_in.user):
        raise DomainError(_("This person's absence is not yours to arrange."))
    last = local_date(at) - timedelta(days=1)
    if stand_in.until <= last:
        raise DomainError(_("This absence is over already."))
    with one_act():
        Post.objects.filter(lent_by=stand_in, since__gt=last).delete()
        Post.objects.filter(lent_by=stand_in).update(until=last)
        stand_in.until = last
        stand_in.since = min(stand_in.since, last)
        stand_in.save(update_fields=["since", "until"])
        _note("absence.ended", stand_in, by, at)


def _note(verb: str, stand_in: StandIn, by: User, at: datetime) -> None:
    trail.record(
        verb,
        by=by,
        at=at,
        subject=f"user:{stand_in.user_id}",
        substitute=stand_in.substitute_id,
        since=stand_in.since.isoformat(),
        until=stand_in.until.isoformat(),
    )


def away_on(day: date) -> QuerySet[StandIn]:
    """The absences of that day."""
    return StandIn.objects.filter(since__lte=day, until__gte=day)


def deputies(day: date) -> dict[int, int]:
    """For everybody away that day the person who is there in the end, by ids."""
    direct = dict(away_on(day).values_list("user_id", "substitute_id"))
    found = {}
    for user in direct:
        there = direct[user]
        while there in direct:  # circles are refused when they would be made
            there = direct[there]
        found[user] = there
    return found
