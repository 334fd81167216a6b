"""People who are away and who stands in for them: dated, in chains, never in a circle.

Rights are not copied: whoever is the substitute of somebody away today holds that person's posts today (`lent_to`), and
no longer.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.clock import local_date, now
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import Latch, Post, StandIn, Unit, UnitKind, User, away_on
from casework.org.roles import Can

LONGEST = timedelta(days=366)
MOST_IN_A_ROW = 3  # as many as the posts of a day are looked for (`org.models.lent_to`)


def may_arrange(by: User, user: User) -> bool:
    """One's own absence, or that of people whose units lie below one's own: nobody declares his superior away.

    The data administrator may for everybody, as he gives the posts too.
    """
    if by.pk == user.pk or by.can(Can.MANAGE_PEOPLE):
        return True
    offices = by.units_with(Can.REASSIGN)
    lasting = Q(until=None) | Q(until__gte=local_date(now()))  # one that begins later counts, too
    posts = Post.objects.filter(lasting, user=user).select_related("unit")
    return bool(posts) and all(
        any(unit.holds(post.unit) and unit.pk != post.unit_id for unit in offices) for post in posts
    )


def colleagues(user: User, day: date) -> QuerySet[User]:
    """Who could stand in: people of the same school, or with a post in the same office."""
    places = Q(pk=None)
    for post in user.posts.filter(Q(until=None) | Q(until__gte=day)).select_related("unit"):
        places |= _same_office(post.unit)
    held = Q(posts__in=Post.objects.held_on(day))
    found = User.objects.filter(places, held, is_active=True).exclude(pk=user.pk)
    return found.distinct().order_by("display_name", "pk")


def _same_office(unit: Unit) -> Q:
    """The whole school of a class; the township and its villages of a village; of an office only itself."""
    school = unit.above(UnitKind.SCHOOL)
    if school:
        return Q(posts__unit__path__startswith=school.path)
    if unit.kind == UnitKind.VILLAGE and (town := unit.above(UnitKind.TOWNSHIP)):
        villages = Q(posts__unit__path__startswith=town.path, posts__unit__kind=UnitKind.VILLAGE)
        return villages | Q(posts__unit=town)
    return Q(posts__unit=unit)


def arrange(
    *, user: User, substitute: User, since: date, until: date, reason: str, by: User, at: datetime
) -> StandIn:
    """Arrange that `substitute` stands in for `user` from `since` through `until`.

    DomainError: wrong days, an absence arranged already, a circle, a chain too long, or rights that somebody would give
    to himself, whatever the detour (ACC-04).
    """
    _refuse_days(since, until, at)
    if not may_arrange(by, user):
        raise DomainError(_("This person's absence is not yours to arrange."))
    with one_act():
        Latch.hold("absence")
        if not colleagues(user, since).filter(pk=substitute.pk).exists():
            raise DomainError(
                _("Only somebody of the same school or office stands in."),
                fields={"substitute": _("choose somebody else")},
            )
        if _overlapping(since, until).filter(user=user).exists():
            raise DomainError(_("An absence on these days is arranged already."))
        for chain in _chains([user, substitute], since, until):
            _refuse_chain(chain, user, by)
        for chain in _chains_to(user, since, until):
            _refuse_length([*chain, substitute])
            _refuse_lending(chain, by)
        stand_in: StandIn = StandIn.objects.create(
            user=user, substitute=substitute, since=since, until=until, reason=reason.strip()[:200],
            arranged_by=by.display_name, arranged_at=at,
        )  # fmt: skip
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


def _overlapping(since: date, until: date) -> QuerySet[StandIn]:
    lasting = Q(back_on=None) | Q(back_on__gt=since)
    return StandIn.objects.filter(lasting, since__lte=until, until__gte=since)


def _chains(people: list[User], since: date, until: date) -> Iterator[list[User]]:
    """Everybody in a row who stands in on some of these days for the last of `people`; ends where it comes back to one of them."""
    yield people
    following = _overlapping(since, until).filter(user=people[-1]).select_related("substitute")
    for each in following:
        longer = [*people, each.substitute]
        if each.substitute in people:
            yield longer
        else:
            yield from _chains(longer, max(since, each.since), min(until, each.until))


def _chains_to(user: User, since: date, until: date) -> Iterator[list[User]]:
    """The rows of people, each away on some of these days, that end with `user` as their substitute."""
    yield [user]
    before = _overlapping(since, until).filter(substitute=user).select_related("user")
    for each in before:
        for chain in _chains_to(each.user, max(since, each.since), min(until, each.until)):
            yield [*chain, user]


def _refuse_chain(chain: list[User], user: User, by: User) -> None:
    names = " → ".join(each.display_name for each in chain)
    if len(set(chain)) < len(chain):
        raise DomainError(
            _("That would go in a circle: %(names)s."),
            fields={"substitute": _("is substituted by the same person")},
            names=names,
        )
    if by.pk != user.pk and by in chain:
        raise DomainError(
            _("Nobody makes himself a substitute. Let the person or the office above do it."),
            fields={"substitute": _("choose somebody else")},
        )
    _refuse_length(chain)


def _refuse_lending(chain: list[User], by: User) -> None:
    """Whoever stands in for others passes their rights on; nobody else decides where those of his superiors go (ACC-04)."""
    user = chain[-1]
    if by.pk != user.pk and not all(may_arrange(by, each) for each in chain):
        raise DomainError(
            _("%(name)s stands in for others on these days: only he arranges who takes his place."),
            name=user.display_name,
        )


def _refuse_length(chain: list[User]) -> None:
    if len(chain) > MOST_IN_A_ROW + 1:
        raise DomainError(
            _("At most %(most)s people stand in for one another in a row: %(names)s."),
            fields={"substitute": _("choose somebody else")},
            most=MOST_IN_A_ROW,
            names=" → ".join(each.display_name for each in chain),
        )


def come_back(stand_in: StandIn, *, by: User, at: datetime) -> None:
    """End an absence before its day; the days that were arranged stay in the record."""
    if not may_arrange(by, stand_in.user):
        raise DomainError(_("This person's absence is not yours to arrange."))
    today = local_date(at)
    if stand_in.until < today or stand_in.back_on:
        raise DomainError(_("This absence is over already."))
    with one_act():
        stand_in.back_on = today
        stand_in.save(update_fields=["back_on"])
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
        back_on=stand_in.back_on.isoformat() if stand_in.back_on else "",
    )


def deputies(day: date) -> dict[int, int]:
    """For everybody away that day the person who is there in the end, by ids; the last of a circle, should there be one."""
    direct = dict(away_on(day).values_list("user_id", "substitute_id"))
    found = {}
    for user, there in direct.items():
        seen = {user}
        while there in direct and there not in seen:
            seen.add(there)
            there = direct[there]
        found[user] = there
    return found
