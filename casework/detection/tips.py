"""Tips: anyone may say through a village's printed code that a child is not at school; a person looks at each within a day (domain.md B14, features 5).

The form reads nothing out of the records, and keeps of its sender only what he chose to say: for the limit a hash of
the day and the address that lasts as long as the tip.
"""

import secrets
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.clock import local_date
from casework.core.crypto import blind, encrypt
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.detection.models import Finding, Tip, TipDoor
from casework.notices.outbox import tell
from casework.org.models import Latch, Unit, User
from casework.org.people import candidates
from casework.org.roles import Role

RULE = "tip"
TRIAGE = timedelta(hours=24)
WINDOW = timedelta(hours=1)
FROM_ONE, AT_A_DOOR = 5, 30  # tips an hour from one address, and at one door
PLACE = "detection_tip"
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LEAST = 5


class TooMany(Exception):
    """So many tips came in the last hour that this one is not taken."""


def open_door(village: Unit, *, by: User, at: datetime) -> TipDoor:
    """A new code for a village; the one before is closed, so that a poster that went astray leads nowhere."""
    with one_act():
        Unit.objects.select_for_update(no_key=True).get(pk=village.pk)  # two people, one door
        TipDoor.objects.filter(village=village, closed_at=None).update(closed_at=at)
        door: TipDoor = TipDoor.objects.create(
            village=village, token=secrets.token_urlsafe(9), opened_at=at
        )
        trail.record("tips.opened", by=by, at=at, unit_id=village.pk, subject=f"door:{door.pk}")
    return door


def take_tip(door: TipDoor, said: dict[str, str], *, address: str, at: datetime) -> Tip:
    """Keep a tip as a finding to be decided within 24 hours. `said`: what, and if known name, age, home, reporter, phone.

    DomainError for one that says too little; TooMany when the limit of the hour is reached.
    """
    what = said.get("what", "").strip()
    if len(what) < LEAST:
        raise DomainError(
            _("Say in a few words what you have seen or heard."), fields={"what": _("too short")}
        )
    sender = _sender(address, at)
    with one_act():
        Latch.hold("tips")  # one at a time: the limits count what is written
        if not TipDoor.objects.filter(pk=door.pk, closed_at=None).exists():
            raise DomainError(_("This code is not in use any more: ask for the new one."))
        _refuse_flood(door, {sender, _sender(address, at - WINDOW)}, at)
        finding = _finding(door, what, said, at)
        tip = Tip.objects.create(
            door=door,
            finding=finding,
            number=_number(),
            sender=sender,
            reporter=encrypt(said.get("reporter", "").strip(), PLACE),
            phone=encrypt(said.get("phone", "").strip(), PLACE),
            at=at,
        )
        people = candidates(Role.TOWNSHIP_CASE_OFFICER, door.village, at)[1]
        tell(people, "tip", key=f"tip:{tip.pk}", at=at, link="/findings/")
        subject = f"finding:{finding.pk}"
        trail.record("tip.taken", by=None, at=at, unit_id=door.village_id, subject=subject)
    return tip


def _sender(address: str, at: datetime) -> str:
    """What a day's tips of one sender have in common; of an IPv6 address the network counts, which one household has."""
    try:
        known = ip_address(address)
    except ValueError:  # a socket, a name: as it is
        return blind(f"{local_date(at).isoformat()} {address}")
    net = ip_network(f"{known}/64", strict=False) if known.version == 6 else known
    return blind(f"{local_date(at).isoformat()} {net}")


def _refuse_flood(door: TipDoor, senders: set[str], at: datetime) -> None:
    lately = Tip.objects.filter(at__gt=at - WINDOW)
    if (
        lately.filter(sender__in=senders).count() >= FROM_ONE
        or lately.filter(door=door).count() >= AT_A_DOOR
    ):
        raise TooMany


def _finding(door: TipDoor, what: str, said: dict[str, str], at: datetime) -> Finding:
    day = local_date(at)
    child = {
        key: said.get(name, "").strip()
        for key, name in (("name", "name"), ("address", "home"), ("age", "age"))
    }
    finding: Finding = Finding.objects.create(
        child={key: value for key, value in child.items() if value},
        unit=door.village,
        rule=RULE,
        first_day=day,
        last_day=day,
        found_at=at,
        updated_at=at,
        due_at=at + TRIAGE,
        note=what,
    )
    return finding


def _number() -> str:
    """What the sender keeps: says nothing, is short enough to write down."""
    signs = "".join(secrets.choice(SIGNS) for _n in range(8))
    return f"{signs[:4]}-{signs[4:]}"


def found_by_number(number: str) -> Tip | None:
    """The tip with an acknowledgement number, however it was typed."""
    plain = "".join(sign for sign in number.upper() if sign in SIGNS)
    return Tip.objects.filter(number=f"{plain[:4]}-{plain[4:]}").select_related("finding").first()
