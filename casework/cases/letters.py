"""The letters of the legal ladder: notice, order, penalty, court, in the order that the policy profile names (domain.md 2.2, 6–9).

A letter is a matter: drafted, signed off, served, and looked at when the time that it gives is over. Its clock begins
with the service, not with its date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.kinds import Kind, Stage, StepKind
from casework.cases.models import LEGAL, Case, Matter, MatterKind, Step
from casework.core.clock import local_date, local_moment
from casework.core.errors import DomainError
from casework.core.templatetags.look import day as spoken_day
from casework.deadlines.engine import due_at
from casework.detection.models import Finding
from casework.documents.models import Document
from casework.org.models import Post, Unit, UnitKind, User
from casework.org.roles import Role
from casework.profiles.rules import section

OFFICE = (Role.TOWNSHIP_CASE_OFFICER,)
LAWYERS = (Role.TOWNSHIP_LEGAL, Role.TOWNSHIP_CASE_OFFICER)
PUBLIC_NOTICE = "public"
NOT_OBEYED, ANNULLED = "not_obeyed", "annulled"
CARRIED = ("mail", "entrusted", PUBLIC_NOTICE)


@dataclass(frozen=True)
class LetterKind:
    """A rung: its paper, the stage of the case while it runs, who drafts it, whether the justice office looks first."""

    code: str
    title: Promise
    paper: str
    stage: Stage
    drafters: tuple[Role, ...] = OFFICE
    needs_review: bool = True


LETTERS: dict[str, LetterKind] = {
    each.code: each
    for each in (
        LetterKind(
            "return_notice", _("notice to return"), "P11", Stage.RETURN_NOTICE, needs_review=False
        ),
        LetterKind("order", _("order"), "P12", Stage.ORDER, LAWYERS),
        LetterKind("penalty_notice", _("notice of a penalty"), "P14A", Stage.PENALTY, LAWYERS),
        LetterKind("penalty", _("penalty decision"), "P14B", Stage.PENALTY, LAWYERS),
        LetterKind("demand", _("demand letter"), "P14C", Stage.PENALTY, LAWYERS),
        LetterKind("court", _("application to the court"), "P15", Stage.COURT, LAWYERS),
    )
}

ORDERS = frozenset(code for code, each in LETTERS.items() if each.stage != Stage.RETURN_NOTICE)


def of(step: Step) -> LetterKind:
    """The rung of a step's letter."""
    return LETTERS[step.about.code]


def doers(spec: StepKind, matter: Matter | None) -> tuple[Role, ...]:
    """The roles that do a kind of step, the first that somebody holds before the others."""
    if matter and matter.kind == MatterKind.LETTER and spec.role == Role.TOWNSHIP_CASE_OFFICER:
        return LETTERS[matter.code].drafters
    return (spec.role,)


def rules(case: Case, at: datetime) -> dict[str, Any]:
    """The profile's section on letters: the ladder, who issues, and for each letter its term and legal basis."""
    found: dict[str, Any] = section(case.school, "letters", at)
    return found


def issuer(case: Case, at: datetime) -> Unit:
    """The township that writes: the one that took the case over; else of the school, or of the household where the profile says so (domain.md 3.1)."""
    by_household = rules(case, at)["issuer"] == "household" and case.township is None
    return (case.pupil.township if by_household else None) or case.lead or case.school


def next_code(case: Case, at: datetime, *, above: str = "") -> str | None:
    """The rung after the last letter that was not obeyed; the first of the ladder if none was. None at the top.

    A letter that ended otherwise (talks first, a branch), was annulled on appeal, or stems from before the case was reopened, is no
    rung climbed: it is written anew. `above`: the
    rung after that code, whatever was climbed.
    """
    ladder: list[str] = rules(case, at)["ladder"]
    climbed = case.matters.filter(
        kind=MatterKind.LETTER, outcome=NOT_OBEYED, opened_at__gte=case.begun_at
    )
    codes = [above] if above else climbed.values_list("code", flat=True)
    past = [ladder.index(code) for code in codes if code in ladder]
    place = max(past, default=-1) + 1
    return ladder[place] if place < len(ladder) else None


def next_stage(case: Case, at: datetime) -> Stage:
    """The stage of the letter that is written next."""
    return _stage(next_code(case, at))


def stage_above(case: Case, at: datetime) -> Stage:
    """The stage of the letter after the one that is under way and was not obeyed."""
    return _stage(next_code(case, at, above=case.matters.open().get(kind=MatterKind.LETTER).code))


def _stage(code: str | None) -> Stage:
    if code is None:
        raise DomainError(_("The policy profile knows no further letter. Keep the case in view."))
    return LETTERS[code].stage


def is_due(step: Step, at: datetime) -> bool:
    """Whether the township's letter is next: the report accepted, the child still away, a rung ahead."""
    case = step.case
    taken_over = step.kind == Kind.ACCEPT_TOWNSHIP or accepted(case)
    return taken_over and case.stage in LEGAL and next_code(case, at) is not None


def is_appealed(step: Step) -> bool:
    """Whether the appeal that a step decides is against what the case is about now: agreed to, the township begins anew."""
    if step.about.code != "APPEAL_OFFICE" or step.case.stage not in LEGAL[2:]:
        return False
    against = appealed(step.about)
    return against is not None and against.opened_at >= step.case.begun_at


def accepted(case: Case) -> bool:
    """Whether the township has taken the written report of the present walk over."""
    taken_over = case.steps.filter(kind=Kind.ACCEPT_TOWNSHIP, outcome="accepted")
    return taken_over.filter(finished_at__gte=case.begun_at).exists()


def last_order(case: Case) -> Matter | None:
    """The last order, penalty or application that was signed off: an appeal is against that one; a notice orders nothing."""
    rows = case.matters.filter(
        kind=MatterKind.LETTER, code__in=ORDERS, facts__has_key="signed_on", opened_at__gte=case.begun_at
    )  # fmt: skip
    found: Matter | None = rows.exclude(outcome=ANNULLED).order_by("opened_at", "pk").last()
    return found


def appealed(appeal: Matter) -> Matter | None:
    """The letter that an appeal is against; None where it is void already."""
    case: Case = appeal.case
    named = case.matters.filter(pk=appeal.facts.get("letter"))
    found: Matter | None = named.exclude(outcome=ANNULLED).first()
    return found if named.exists() else last_order(case)


def annul(appeal: Matter, at: datetime) -> None:
    """The letter that an appeal was upheld against is void, and whatever the township wrote after it in that walk (domain.md 2.5; inside one_act)."""
    case, against = appeal.case, appealed(appeal)
    if against is None:
        return
    void = case.matters.filter(kind=MatterKind.LETTER, opened_at__gte=against.opened_at)
    if against.opened_at < case.begun_at:
        void = void.filter(opened_at__lt=case.begun_at)
    for letter in void:
        letter.settle(ANNULLED, letter.settled_at or at)
    appeal.facts["annulled"] = [letter.pk for letter in void]
    appeal.save(update_fields=["facts"])


def annulled_by(appeal: Matter) -> list[Document]:
    """The papers of the letters that an upheld appeal made void."""
    void = appeal.case.matters.filter(pk__in=appeal.facts.get("annulled", []))
    return [paper for letter in void.order_by("pk") if (paper := paper_of(letter))]


def letter_for(case: Case, kind: str, *, by: User | None, at: datetime) -> Matter | None:
    """The letter that a new step of this kind works on: the open one; for a draft a new one if none is open."""
    if kind not in (Kind.DRAFT_LETTER, Kind.SIGN_LETTER, Kind.SERVE_LETTER, Kind.ANSWER_LETTER):
        return None
    running: Matter | None = case.matters.open().filter(kind=MatterKind.LETTER).first()
    if running or kind != Kind.DRAFT_LETTER:
        return running
    code = next_code(case, at)
    assert code is not None  # the way here asked for it
    return Matter.objects.create(
        case=case,
        kind=MatterKind.LETTER,
        code=code,
        unit=issuer(case, at),
        opened_at=at,
        opened_by=by,
    )


def proposal(case: Case, letter: Matter, *, by: User, at: datetime) -> dict[str, Any]:
    """What a draft starts with: what was typed before, else the facts of the case and the words of the profile."""
    if letter.facts:
        return dict(letter.facts)
    said = rules(case, at)[letter.code]
    first = Finding.objects.filter(decisions__case=case).order_by("pk").first()
    facts = gettext(
        "%(name)s has not come to school since %(day)s; school and village tried %(visits)s times to persuade the family, without success."
    )
    return {
        "addressee": _addressee(case, letter),
        "facts": facts
        % {
            "name": case.pupil.name,
            "day": spoken_day(first.first_day if first else local_date(case.opened_at)),
            "visits": case.contacts.count(),
        },
        "legal_basis": said["legal_basis"],
        "demand": gettext("Send the child back to %(school)s to receive compulsory education.")
        % {"school": case.school.name},
        "term": said["budget"],
        "consequence": gettext("If this is not done in time, the matter goes on by law."),
        "evidence": evidence_of(case),
        "contact": by.display_name,
        "contact_phone": by.phone,
    }


def evidence_of(case: Case) -> str:
    """The papers that prove what an order says: visits, persuasion, letters and their service, the newest twelve by title and number; none of work that was undone."""
    papers = Document.objects.filter(
        chain=f"case:{case.pk}", kind__in=("P04", "P06", "P11", "P12", "P13"), superseded_by=None
    )
    undone = [f"step:{pk}" for pk in case.steps.filter(cancelled=True).values_list("pk", flat=True)]
    newest = list(papers.exclude(subject__in=undone).defer("record").order_by("-pk")[:12])
    return "、".join(f"{paper.title}（{paper.number}）" for paper in reversed(newest))


def _addressee(case: Case, letter: Matter) -> str:
    """The guardian; an application goes to the people's court of the county."""
    if letter.code == "court":
        place = case.school.above(UnitKind.COUNTY) or case.school
        return gettext("%(county)s People's Court") % {"county": place.name}
    guardian = case.pupil.guardians.order_by("rank").first()
    return guardian.name if guardian else ""


def drafted(letter: Matter, said: dict[str, Any]) -> None:
    """Keep what was typed for the letter, to be signed off as it stands."""
    letter.facts |= said
    letter.save(update_fields=["facts"])


def paper_of(letter: Matter) -> Document | None:
    """The paper that was signed off: its own, or that of the letter that names the child too."""
    either = [each for each in (letter, letter.lead) if each]
    signings = Step.objects.filter(kind=Kind.SIGN_LETTER, outcome="signed", matter__in=either)
    subjects = [f"step:{pk}" for pk in signings.values_list("pk", flat=True)]
    papers = Document.objects.filter(subject__in=subjects, kind=LETTERS[letter.code].paper)
    return papers.order_by("pk").last()


def signed_on(step: Step) -> date:
    """The day on which the letter of this step was signed off."""
    return date.fromisoformat(step.about.facts["signed_on"])


def served(letter: Matter, case: Case, *, on: date, method: str, at: datetime) -> None:
    """The clock of the letter begins: with the service, with a public notice after the profile's days for it."""
    said = rules(case, at)[letter.code]
    counts_from = under_way(case, on=on, method=method, at=at) if method == PUBLIC_NOTICE else on
    letter.wakes_at = due_at(
        local_moment(counts_from, 12),
        letter.facts["term"],
        said["unit"],
        case.school,
        roll_forward=bool(said["roll_forward"]),
    )
    letter.facts |= {"served_on": on.isoformat(), "counts_from": counts_from.isoformat()}
    letter.save(update_fields=["facts", "wakes_at"])


def under_way(case: Case, *, on: date, method: str, at: datetime) -> date:
    """The day until which a letter that others carry is waited for: by the profile's days for a notice or the mail."""
    key = "public_notice_days" if method == PUBLIC_NOTICE else "mail_days"
    return on + timedelta(days=rules(case, at)[key])


def wait(letter: Matter, until: date) -> None:
    """Give the guardian longer: the letter is looked at again when that day has begun."""
    letter.wakes_at = local_moment(until)
    letter.save(update_fields=["wakes_at"])


def printed(steps: Iterable[Step], *, by: User, at: datetime) -> None:
    """Note that these letters were printed to be served (inside one_act); one that was served meanwhile stays as it is."""
    for step in sorted(steps, key=lambda each: each.case_id):  # the order of locks
        Case.objects.select_for_update().get(pk=step.case_id)
        if not Step.objects.open().filter(pk=step.pk).exists():
            continue
        drafted(Matter.objects.get(pk=step.about.pk), {"printed_on": local_date(at).isoformat()})
        trail.record(
            "letter.printed", by=by, at=at, case_id=step.case_id, subject=f"step:{step.pk}"
        )


def village_names(case: Case, at: datetime) -> set[str]:
    """Who works on the village and township line of a case: the cadres of its village, the township's people."""
    places = [unit for unit in (case.village, case.pupil.township, case.lead) if unit]
    roles = (Role.VILLAGE_CADRE, Role.TOWNSHIP_CASE_OFFICER, Role.TOWNSHIP_LEADER)
    posts = Post.objects.held_on(local_date(at)).filter(unit__in=places, role__in=roles)
    return {"".join(name.split()) for name in posts.values_list("user__display_name", flat=True)}
