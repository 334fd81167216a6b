"""A suspicion that a person has: it becomes a finding like those of the rules, for a child on no roster too."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.clock import local_date
from casework.core.crypto import blind, decrypt, encrypt
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.deadlines.engine import due_at
from casework.detection.models import UNDECIDED, Finding, to_decide
from casework.org.models import Unit, User
from casework.org.roles import Can
from casework.profiles.rules import rules_for, section
from casework.students.models import Pupil

HAND = "hand"
HEARD = "heard"
PLAIN = ("name", "sex", "born", "address", "guardian", "school", "class")
SEALED = ("id_number", "phone")
PLACE = "detection_finding/child"


def add_suspicion(
    *,
    pupil: Pupil | None,
    child: Mapping[str, str],
    unit: Unit,
    reason_text: str,
    by: User,
    at: datetime,
    rule: str = HAND,
    facts: Mapping[str, str] | None = None,
) -> Finding:
    """Note that someone thinks a child is dropping out; a person decides it in the intake list.

    `unit` is the school, or the village or township where no school is known; `child` says what is known of a
    child on no roster (name at least; keys of PLAIN and SEALED); `rule` is `hand`, or `heard` for a village cadre; `facts`
    are what another rule knows instead of a reason in words.
    Without reason, without child, with an unknown key, or twice on a day for a pupil: DomainError.
    """
    _check(pupil, child, reason_text, facts)
    day, due = local_date(at), _due(unit, at)
    with one_act():
        if pupil and Finding.objects.filter(pupil=pupil, rule=rule, first_day=day).exists():
            raise DomainError(_("A suspicion about this pupil was noted today already."))
        if pupil is None and _is_waiting(child, unit):
            raise DomainError(_("This child is reported already and waits for a decision."))
        finding = Finding.objects.create(
            pupil=pupil,
            child=_sealed(child),
            unit=unit,
            rule=rule,
            first_day=day,
            last_day=day,
            profile_id=rules_for(unit, at).profile_of["intake"],
            found_at=at,
            found_by=by,
            updated_at=at,
            due_at=due,
            note=reason_text.strip(),
            parameters=dict(facts or {}),
        )
        subject = f"finding:{finding.pk}"
        trail.record("suspicion.added", by=by, at=at, unit_id=unit.pk, subject=subject, rule=rule)
    return finding


def _check(
    pupil: Pupil | None,
    child: Mapping[str, str],
    reason_text: str,
    facts: Mapping[str, str] | None,
) -> None:
    if not reason_text.strip() and not facts:
        raise DomainError(_("Say what was noticed."), fields={"reason": _("empty")})
    if pupil is None and not child.get("name", "").strip():
        raise DomainError(_("Say at least the name of the child."), fields={"name": _("empty")})
    if unknown := set(child) - {*PLAIN, *SEALED}:
        raise DomainError(
            _("Nothing is known of these fields: %(names)s."), names=", ".join(sorted(unknown))
        )


def identify(
    finding: Finding,
    *,
    pupil: Pupil | None,
    child: Mapping[str, str],
    school: Unit | None,
    by: User,
    at: datetime,
) -> Finding:
    """Say which child a tip means: a pupil of the roster, or one on none by name, sex and birth date (`child`) and the school that sees to it.

    DomainError: decided or identified already, a tip that the office above has named, something missing, or another tip of that day is about the pupil.
    """
    with one_act():
        rows = Finding.objects.select_for_update().filter(to_decide(at), pk=finding.pk, pupil=None)
        found = rows.first()
        if found is None:
            raise DomainError(_("This finding names its child already, or is decided."))
        finding = found
        if finding.rule == "tip" and finding.child.get("born") and not _is_above(by, finding.unit):
            raise DomainError(
                _("The office above the school has said which child it is: it is changed there.")
            )
        if pupil is None:
            _check_child(child, school)
            finding.unit = school or finding.unit
            finding.child = {**finding.child, **_sealed(child)}
        else:
            _meet(finding, pupil)
        finding.updated_at = at
        finding.save(update_fields=["child", "pupil", "unit", "updated_at"])
        trail.record(
            "finding.identified",
            by=by,
            at=at,
            unit_id=finding.unit_id,
            subject=f"finding:{finding.pk}",
        )
    return finding


def _is_above(by: User, unit: Unit) -> bool:
    """Whether the person decides findings for an office above the unit: a school does not rename the child of a tip about it."""
    return any(own.holds(unit) and own != unit for own in by.units_with(Can.DECIDE_FINDINGS))


def _check_child(child: Mapping[str, str], school: Unit | None) -> None:
    missing = [key for key in ("name", "sex", "born") if not child.get(key, "").strip()]
    missing += [] if school else ["unit"]
    if missing:
        raise DomainError(
            _("To open a case the name, sex, date of birth and the school must be known."),
            fields={key: _("empty") for key in missing},
        )


def _meet(finding: Finding, pupil: Pupil) -> None:
    """The finding is about that pupil: its school decides it from now on."""
    Pupil.objects.select_for_update(no_key=True).get(pk=pupil.pk)  # two tips, one pupil, at once
    same = Finding.objects.filter(pupil=pupil, rule=finding.rule, first_day=finding.first_day)
    if same.exists():
        raise DomainError(
            _("Another tip of that day is about this pupil: set this one aside as the same.")
        )
    enrolled = pupil.enrolments.select_related("school").order_by("-since", "-pk").first()
    finding.pupil = pupil
    if enrolled:
        finding.unit = enrolled.school


def _is_waiting(child: Mapping[str, str], unit: Unit) -> bool:
    """Whether a child of that name and birth date waits in that unit's list."""
    named = {f"child__{key}": child.get(key, "").strip() for key in ("name", "born")}
    waiting = Finding.objects.filter(pupil=None, unit=unit, state__in=UNDECIDED)
    return bool(named["child__born"]) and waiting.filter(**named).exists()


def _sealed(child: Mapping[str, str]) -> dict[str, Any]:
    known = {key: said.strip() for key, said in child.items() if said.strip()}
    return {key: encrypt(said, PLACE) if key in SEALED else said for key, said in known.items()}


def _due(unit: Unit, at: datetime) -> datetime:
    limit = section(unit, "intake", at)
    return due_at(at, limit["budget"], limit["unit"], unit)


def known_by_number(id_number: str) -> Pupil | None:
    """The pupil, in a class or not, with this ID number."""
    plain = id_number.strip().upper()
    return Pupil.objects.filter(id_index=blind(plain)).first() if plain else None


def sealed_value(finding: Finding, key: str) -> str:
    """The ID number or phone of a child on no roster, in plain; empty if unknown."""
    return decrypt(finding.child.get(key, ""), PLACE)
