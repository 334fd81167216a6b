"""ACC-01, ACC-02: every address × method × role × unit answers as tests/access_matrix.py says; nothing is unlisted."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from casework.cases.kinds import Kind
from casework.cases.models import (
    Case,
    HarmReport,
    Matter,
    Photo,
    Restatement,
    Visit,
)
from casework.core.clock import moved_to
from casework.detection.models import Finding
from casework.documents.certificates import InUse
from casework.documents.models import Attachment, Document
from casework.evidence import inspecting_views, rehearsal_views
from casework.evidence import views as evidence_views
from casework.evidence.inspections import open_inspection
from casework.evidence.models import Bundle, CheckKind, Inspection, Rehearsal
from casework.evidence.rehearsals import rehearse
from casework.notices.models import Notice
from casework.notices.outbox import tell
from casework.org.models import User
from casework.org.roles import Can
from casework.oversight import health
from casework.profiles.models import Profile
from casework.registers.models import Problem
from casework.registers.views import files, writing
from casework.students.models import Guardian, ImportRun
from tests.access_matrix import ROLES, TABLE
from tests.org.matrix_keys import DISCOVERY, discovery_key, register_key
from tests.world import (
    OPENED,
    World,
    client_of,
    day,
    open_case,
    open_step,
    prepared,
    suspect,
    walk,
)

pytestmark = pytest.mark.django_db


def named(resolver: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLPattern):
            yield f"{space}{each.name}", each
        else:
            yield from named(each, f"{space}{each.namespace}:" if each.namespace else space)


CERTAIN = datetime(2098, 1, 1, tzinfo=UTC)
FUNCTIONS = {"set_language": ("post",), "health": ("get",)}


def addresses() -> list[tuple[str, str]]:
    """Every name of the resolver with each method that its view answers."""
    found = []
    for name, pattern in named():
        view = getattr(pattern.callback, "view_class", None)
        methods = (
            FUNCTIONS[name] if view is None else [m for m in ("get", "post") if hasattr(view, m)]
        )
        found += [(name, method.upper()) for method in methods]
    return found


def test_every_address_is_listed_and_nothing_else() -> None:
    """A new page without a line in tests/access_matrix.py fails here."""
    assert sorted(TABLE) == sorted(addresses())


@pytest.fixture(scope="module")
def own_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    """A case of the class teacher's own pupil, with all that hangs on it."""
    yield from prepared(django_db_blocker, lambda: furnished(world, "lan", "teacher"))


@pytest.fixture(scope="module")
def other_pk(world: World, own_pk: int, django_db_blocker: Any) -> Iterator[int]:
    """The same in the other township."""
    yield from prepared(django_db_blocker, lambda: furnished(world, "far_hua", "far_teacher"))


def furnished(world: World, pupil: str, teacher: str) -> Case:
    """A case with a paper, a visit, a photo, a request not decided, a report of harm and a finding that wait."""
    case = walk(world, open_case(world, world.pupils[pupil]), until=Kind.HOME_VISIT)
    visit = Visit.objects.create(
        pupil=case.pupil, school=case.school, case=case, form="door", line="education",
        visitor=world.people[teacher], began=OPENED, ended=OPENED, recorded_at=OPENED, sign_state="unsigned",
    )  # fmt: skip
    Photo.objects.create(visit=visit, original_sha256="0", original="o", copy="c", size=1)
    Matter.objects.create(
        case=case, kind="appeal", code="APPEAL_SCHOOL", unit=case.school, opened_at=OPENED, opened_by=world.people[teacher]
    )  # fmt: skip
    HarmReport.objects.create(
        pupil=case.pupil, unit=case.school, facts={}, reported_at=OPENED, reported_by=world.people[teacher]
    )  # fmt: skip
    Attachment.objects.create(
        chain=f"case:{case.pk}", purpose="signed", kind="photo", sha256="0", size=1, original="o", copy="c.jpg", at=OPENED
    )  # fmt: skip
    Problem.objects.create(
        unit=case.school, source="other", what="x", measure="y", owner="z", due=OPENED.date(), raised_at=OPENED
    )  # fmt: skip
    suspect(world, case.pupil, at=day(case, 1))
    rehearse(
        case.school,
        CheckKind.ROLL,
        1,
        "seed",
        "督导组",
        "检查",
        by=world.county_officer,
        at=OPENED,
    )
    open_inspection(
        unit=case.school, name="何督学", office="督导组", reason="检查", until=day(case, 9).date(), numbers=case.number,
        by=world.county_officer, at=day(case, 1),
    )  # fmt: skip
    User.objects.exclude(visits_until=None).update(must_set_password=False)
    Restatement.objects.get_or_create(
        cause="term", ref=1, unit=world.county, defaults={"valid_from": OPENED.date(), "at": OPENED}
    )
    return case


SAME_FOR_ALL = {
    "documents:empty_form": ("P04/step-1",),
    "cases:feed": ("no-secret",),
    "cases:tip": ("no-door",),
    "students:template": ("staff",),
}


def key_of(name: str, case: Case, user: User, *, mine: bool, world: World) -> tuple[Any, ...]:
    """The arguments of an address: an object of that case, or one that belongs to the person."""
    prefix = "" if mine else "far_"
    finding = Finding.objects.filter(pupil=case.pupil, state="waiting")
    rows: dict[str, Any] = {
        "cases:case": case, "cases:case_why": case, "cases:restated": Restatement.objects.all(), "cases:reveal": case, "cases:report_return": case, "cases:village_contact": case,
        "workflows:picture": case, "workflows:side_roads": case, "cases:call": Guardian.objects.filter(pupil=case.pupil),
        "cases:paper": Document.objects.filter(chain=f"case:{case.pk}"), "cases:photo": Photo.objects.filter(visit__case=case),
        "cases:general_visit": case.pupil, "cases:begin_procedure": case.pupil, "cases:leave": case.pupil, "cases:absence_call": case.pupil, "cases:withdraw": case.matters, "workflows:matter": case.matters, "workflows:harm": case, "workflows:harm_of": case.pupil, "workflows:harm_report": HarmReport.objects.filter(pupil=case.pupil), "workflows:help": case, "workflows:conference": case, "cases:decide": finding, "cases:identify": finding, "cases:tip_poster": world.units[f"{prefix}village"], "workflows:open_case": finding,
        "org:person": world.people[f"{prefix}teacher"], "cases:away_of": world.people[f"{prefix}teacher"], "org:unit": world.units[f"{prefix}school"],
        "evidence:bundle": Bundle.objects.filter(by=user) if mine else Bundle.objects.exclude(by=user),
        "students:import_run": ImportRun.objects.filter(by=user) if mine else ImportRun.objects.exclude(by=user),
    }  # fmt: skip
    rows["evidence:inspected_case"] = case
    rows["evidence:inspected_file"] = Attachment.objects.filter(chain=f"case:{case.pk}")
    rows |= {f"evidence:inspected_{same}": rows[f"cases:{same}"] for same in ("paper", "photo")}
    for same in ("download", "locked", "decide", "slip", "codes"):
        rows[f"evidence:{same}"] = rows["evidence:bundle"]
    imports = ("cases:undo_import", "students:refused", "students:words")
    rows |= dict.fromkeys(imports, rows["students:import_run"])
    if name in (
        "cases:claim",
        "cases:undo",
        "cases:pass_on",
        "cases:nudge",
        "cases:why",
        "cases:why_json",
        "cases:time",
        "workflows:step",
        "workflows:notice",
    ):
        return (open_step(case, Kind.HOME_VISIT).pk,)
    if name.startswith("evidence:rehearsal_") or name == "evidence:rehearsal":
        return (Rehearsal.objects.get(unit=world.units[f"{prefix}school"]).pk,)
    if name.startswith("evidence:inspection"):
        of_school = Inspection.objects.filter(unit=world.units[f"{prefix}school"])
        return (of_school.get().pk,) if name != "evidence:inspections" else ()
    if name.startswith("registers:"):
        return register_key(name, case, world.units[f"{prefix}school"])
    if name == "cases:rules_file":
        return (Profile.objects.order_by("pk")[0].pk,)
    if name == "cases:notice":
        mine_or_not = (
            Notice.objects.filter(user=user) if mine else Notice.objects.exclude(user=user)
        )
        return (mine_or_not.order_by("pk")[0].pk,)
    if name == "workflows:ask":
        return (case.pk, "REFERRAL")
    if name in SAME_FOR_ALL:
        return SAME_FOR_ALL[name]
    if name in DISCOVERY:
        return discovery_key(name, case, world, prefix)
    if name == "evidence:form_of_step":
        return (open_step(case, Kind.HOME_VISIT).pk, "P04")
    if name == "documents:verify":
        return (rows["cases:paper"].first().token,)
    row = rows.get(name)
    if row is None:
        return ()
    return (row.pk if hasattr(row, "pk") else row.order_by("pk").first().pk,)


OF_A_UNIT = {
    "oversight:board",
    "oversight:load",
    "oversight:hand_out",
    "oversight:steps",
    "oversight:cases",
    "oversight:export",
    "oversight:goals",
    "oversight:late",
    "oversight:morning",
    "oversight:pace",
    "oversight:watch",
    "oversight:villages",
    "oversight:zero",
}


def give_own_things(user: User, case: Case, other: Case) -> None:
    """A bundle and an upload of this person, and of somebody else."""
    for by, of in ((user, case), (User.objects.exclude(pk=user.pk).order_by("pk")[0], other)):
        tell([by], "yours", key=f"own:{by.pk}", at=OPENED, link="/")
        Bundle.objects.create(case=of, merged=False, reason="督导", by=by, by_name="x", at=OPENED)
        kind = "staff" if by.can(Can.MANAGE_PEOPLE) else "roster"
        ImportRun.objects.create(kind=kind, by=by, at=OPENED)


@pytest.fixture(scope="module")
def sessions(world: World, other_pk: int, django_db_blocker: Any) -> dict[str, str]:
    """A role's session: signed in once."""
    with django_db_blocker.unblock():
        return {
            role: ""
            if role == "anonymous"
            else client_of(world.people[role]).cookies["sessionid"].value
            for role in ROLES
        }


def places(world: World, user: User, name: str, case: Case, other: Case) -> list[str]:
    """The address with an object of one's own, and with somebody else's."""
    if name.split(":")[0] in ("evidence", "students") or name in (
        "cases:notice",
        "cases:undo_import",
    ):
        give_own_things(user, case, other)
    own, far = (
        reverse(name, args=key_of(name, each, user, mine=each is case, world=world))
        for each in (case, other)
    )
    return [own, f"{far}?unit={world.far_school.pk}" if name in OF_A_UNIT else far]


def answer(session: str, place: str, method: str, at: Any) -> int:
    """The status that a person gets; whatever it changed is taken back."""
    client, sid = Client(), transaction.savepoint()
    client.cookies["sessionid"] = session
    with moved_to(at):
        response = getattr(client, method.lower())(place)
    request_finished.disconnect(
        close_old_connections
    )  # closing a download must not close the database
    response.close()
    request_finished.connect(close_old_connections)
    transaction.savepoint_rollback(sid)
    return int(response.status_code)


@pytest.fixture(autouse=True)
def no_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Access is asked here; papers, photos and bundles are made elsewhere."""
    from casework.cases.views import case as page

    monkeypatch.setattr(page, "file_of", lambda document: None)
    monkeypatch.setattr(page, "bytes_of", lambda file: b"%PDF")
    monkeypatch.setattr(page, "copy_of", lambda photo: b"jpeg")
    monkeypatch.setattr(files, "copy_of", lambda attachment: b"jpeg")
    monkeypatch.setattr(writing, "blank", lambda *args, **more: b"%PDF")
    monkeypatch.setattr(rehearsal_views, "printed_now", lambda *args, **more: b"%PDF")
    monkeypatch.setattr(inspecting_views, "copy_of", lambda photo: b"jpeg")
    monkeypatch.setattr(inspecting_views, "copy_of_file", lambda attachment: b"jpeg")
    monkeypatch.setattr(inspecting_views, "marked_photo", lambda data, mark: data)
    monkeypatch.setattr(health, "seal_in_use", lambda: InUse("x", CERTAIN, "0"))
    monkeypatch.setattr(evidence_views, "make", lambda bundle, at: True)


@pytest.mark.parametrize(("name", "method"), sorted(TABLE), ids=lambda each: str(each))
def test_access_is_as_the_table_says(
    world: World, own_pk: int, other_pk: int, sessions: dict[str, str], name: str, method: str
) -> None:
    case, other = Case.objects.get(pk=own_pk), Case.objects.get(pk=other_pk)
    seen = {}
    for role, session in sessions.items():
        user = world.people.get(role, world.teacher)
        own, far = places(world, user, name, case, other)
        status = answer(session, own, method, day(case, 2))
        again = answer(session, far, method, day(case, 2)) if far != own else status
        seen[role] = f"{status}" if status == again else f"{status}/{again}"
    assert seen == dict(zip(ROLES, TABLE[name, method], strict=True))


OF_INSPECTORS = {
    "evidence:inspecting",
    "evidence:inspected_case",
    "evidence:inspected_photo",
    "evidence:inspected_file",
}
OF_EVERYBODY = {
    "cases:inbox", "org:set_password", "org:sign_in", "org:sign_out",
    "set_language", "documents:verify", "documents:anchors", "documents:empty_form", "cases:tip_asked", "health", "cases:away",
}  # fmt: skip


@pytest.mark.parametrize(("name", "method"), sorted(TABLE), ids=lambda each: str(each))
def test_an_inspector_reads_the_chosen_case_and_gets_nothing_else(
    world: World, own_pk: int, other_pk: int, name: str, method: str
) -> None:
    case, other = Case.objects.get(pk=own_pk), Case.objects.get(pk=other_pk)
    user = Inspection.objects.get(unit=case.school).inspector
    session = client_of(user).cookies["sessionid"].value
    own, far = places(world, user, name, case, other)
    got = {each: answer(session, each, method, day(case, 2)) for each in dict.fromkeys((own, far))}
    if name in OF_INSPECTORS:
        assert list(got.values()) == ([200, 404] if far != own else [200])
    elif name not in OF_EVERYBODY:
        assert set(got.values()) <= {403, 404}


def test_no_cell_is_a_server_error() -> None:
    assert not [k for k, cells in TABLE.items() if any("500" in cell for cell in cells)]


def test_nobody_outside_gets_more_than_not_found() -> None:
    """ACC-02, read off the table: people of one township never get 200 or 302 for another's object."""
    local = [
        ROLES.index(r)
        for r in ("teacher", "status", "officer", "principal", "cadre", "township", "leader")
    ]
    for (name, method), cells in TABLE.items():
        for place in local:
            own, slash, far = cells[place].partition("/")
            if slash:
                assert far in ("404", "403"), (name, method, ROLES[place], own, far)
