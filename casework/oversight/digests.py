"""One message a person each working morning, to groups of units too; urgent notices at once where the rules say so."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext, ngettext, override

from casework.cases.aside import set_aside
from casework.cases.kinds import Kind
from casework.cases.models import Step
from casework.cases.notice_words import NOTICE_WORDS, RUNG, words_of
from casework.core.clock import LOCAL, local_date, local_moment
from casework.deadlines.days import basis
from casework.deadlines.hours import is_open
from casework.notices import sending
from casework.notices.models import Channels, Digest, Notice
from casework.notices.sending import NotSent
from casework.org.models import Post, Unit, User
from casework.org.roles import Can
from casework.org.units import county, unit_called
from casework.oversight.figures import SOON, steps_of
from casework.oversight.lens import Lens
from casework.profiles.rules import section

LISTED, TRIES = 10, 5
LEASE = timedelta(minutes=30)  # longer than any mail server is waited for
AT_ONCE_WITHIN = timedelta(days=1)


def send_digests(at: datetime) -> int:
    """Send today's messages that are due and not sent yet, to each reader inside his working time. Returns how many went out."""
    root = county()
    said = section(root, "notices", at)
    if at < local_moment(local_date(at), said["digest_hour"], said["digest_minute"]):
        return 0
    days = basis()
    readers = [
        mine for mine in _readers(at) if is_open(days.at(Unit(path=mine.place or root.path)), at)
    ]
    groups = settings.CHAT_HOOKS.items() if is_open(days.at(root), at) else ()
    return sum(_once(at, partial(_to_person, mine, at), user=mine.user) for mine in readers) + sum(
        _once(at, partial(_to_group, code, address, at), hook=code) for code, address in groups
    )


def _readers(at: datetime) -> Any:
    """Who wants a message, with the `place` of the first post held: its hours are the person's."""
    posts = Post.objects.held_on(local_date(at)).filter(user=OuterRef("user")).order_by("pk")
    rows = Channels.objects.filter(digest=True, user__is_active=True).exclude(email="", sms=False)
    placed = rows.annotate(place=Subquery(posts.values("unit__path")[:1]))
    return placed.select_related("user").order_by("pk")


def _once(
    at: datetime, send: Callable[[Digest], bool], *, user: User | None = None, hook: str = ""
) -> bool:
    """The row of the day decides who sends, and for how long nobody else does; what was not taken is tried again, a few times.

    One reader whose message cannot be made is logged and left out; the others get theirs.
    """
    row, _new = Digest.objects.get_or_create(day=local_date(at), user=user, hook=hook)
    free = Q(begun_at=None) | Q(begun_at__lt=at - LEASE)
    mine = Digest.objects.filter(free, pk=row.pk, sent_at=None, tries__lt=TRIES)
    if not mine.update(begun_at=at, tries=F("tries") + 1):
        return False
    told = False
    with set_aside("digest", row.pk):
        try:
            told = send(row)
        except NotSent:
            Digest.objects.filter(pk=row.pk).update(begun_at=None)
            return False
    Digest.objects.filter(pk=row.pk).update(sent_at=at)
    return told


def _to_person(mine: Channels, at: datetime, row: Digest) -> bool:
    """By each way that the person chose, each once; NotSent if one of them was not taken."""
    with override(settings.LANGUAGE_CODE):
        text = digest_of(mine.user, at)
        if not text:
            return False
        if mine.email and not row.mailed:
            sending.mail(mine.email, gettext("Casework: what is due"), text)
            Digest.objects.filter(pk=row.pk).update(mailed=True)
        if mine.sms and mine.user.phone and settings.SMS_URL:
            sending.sms(mine.user.phone, text.partition("\n\n")[0])
    return True


def digest_of(user: User, at: datetime) -> str:
    """The text of a person's morning: own steps, notices not read, overdue work of the own units. Empty when there is nothing."""
    parts = [_own(user, at), _unread(user, at), _units(user, at)]
    return "\n\n".join(part for part in parts if part)


def _own(user: User, at: datetime) -> str:
    rows = Step.objects.open().filter(holder=user, due_at__lt=at + SOON, opens_at__lte=at)
    steps = list(rows.order_by("due_at", "pk")[: LISTED + 1])
    if not steps:
        return ""
    head = ngettext(
        "%(n)s step of yours is overdue or due within two days.",
        "%(n)s steps of yours are overdue or due within two days.",
        len(steps),
    ) % {"n": rows.count()}
    return "\n".join([head, *map(_line, steps[:LISTED])])


def _line(step: Step) -> str:
    due = (step.due_at - timedelta.resolution).astimezone(LOCAL)
    return (
        f"· {Kind(step.shown_kind).label} · {due:%Y-%m-%d} · {settings.SITE_URL}/steps/{step.pk}/"
    )


def _unread(user: User, at: datetime) -> str:
    """The newest notices, each once; rungs of one's own steps stand above already."""
    rows = Notice.objects.filter(user=user, read_at=None, at__gt=at - timedelta(days=7))
    codes = rows.exclude(code__startswith=RUNG).order_by("-at").values_list("code", flat=True)
    words = dict.fromkeys(str(NOTICE_WORDS[code]) for code in codes[:50] if code in NOTICE_WORDS)
    if not words:
        return ""
    head = gettext("Not read yet: %(place)s/notices/") % {"place": settings.SITE_URL}
    return "\n".join([head, *(f"· {each}" for each in words)])


def _units(user: User, at: datetime) -> str:
    """The overdue work below each unit whose board is the person's."""
    lines = [
        line
        for unit in user.units_with(Can.SEE_BOARD)
        if (line := _unit_line(unit, Lens(at, apart=user.can(Can.SEE_RESTRICTED, unit))))
    ]
    return "\n".join(lines)


def _unit_line(unit: Unit, lens: Lens) -> str:
    late = steps_of(unit, lens, "overdue").count()
    soon = steps_of(unit, lens, "soon").count()
    if not late and not soon:
        return ""
    words = gettext("%(unit)s: overdue %(late)s, due within two days %(soon)s · %(link)s")
    link = f"{settings.SITE_URL}/board/?unit={unit.pk}"
    return words % {"unit": unit.name, "late": late, "soon": soon, "link": link}


def _to_group(code: str, address: str, at: datetime, row: Digest) -> bool:
    with override(settings.LANGUAGE_CODE):
        text = _unit_line(unit_called(code), Lens(at, apart=False))
        if text:
            sending.chat(address, gettext("Casework: what is due"), text)
    return bool(text)


def send_at_once(at: datetime) -> int:
    """Mail the notices that the rules call urgent, once each, at any hour. Returns how many went out."""
    if not settings.EMAIL_HOST:
        return 0
    urgent = section(county(), "notices", at)["at_once"]
    waiting = Notice.objects.filter(code__in=urgent, sent_at=None, at__gt=at - AT_ONCE_WITHIN)
    mine = waiting.filter(user__channels__at_once=True, user__is_active=True, read_at=None)
    rows = mine.exclude(user__channels__email="").select_related("user__channels").order_by("pk")
    return sum(_at_once(notice, at) for notice in list(rows[:200]))


def _at_once(notice: Notice, at: datetime) -> bool:
    """The conditional UPDATE decides who sends; what was not taken is tried again by the next sweep."""
    if not Notice.objects.filter(pk=notice.pk, sent_at=None).update(sent_at=at):
        return False
    with override(settings.LANGUAGE_CODE):
        words = words_of(notice.code, notice.facts)
        try:
            sending.mail(
                notice.user.channels.email, words, f"{words}\n{settings.SITE_URL}{notice.link}"
            )
        except NotSent:
            Notice.objects.filter(pk=notice.pk).update(sent_at=None)
            return False
    return True
