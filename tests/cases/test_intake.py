"""A person decides each finding: open, link, set aside, later; suspicions by hand, for a child on no roster too (issue point 3)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from casework.cases import intake
from casework.cases.kinds import Kind
from casework.cases.models import Case, IntakeDecision
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.detection.models import Finding, FindingState
from casework.org.models import User
from casework.students.models import Pupil
from tests.world import OPENED, World, client_of, do, fresh, open_case, open_step, suspect
from workflows.start import start_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def finding(world: World) -> Finding:
    return suspect(world, world.lan)


def listed(user: User, at: Any = OPENED, show: str = "") -> list[int]:
    with moved_to(at):
        page = client_of(user).get(reverse("cases:intake"), {"show": show})
    return [f.pk for f in page.context["page"].rows]


def decide(user: User, finding: Finding, at: Any = OPENED, **data: str) -> Any:
    with moved_to(at):
        return client_of(user).post(reverse("cases:decide", args=[finding.pk]), data)


def open_it(user: User, finding: Finding) -> Any:
    with moved_to(OPENED):
        return client_of(user).post(reverse("workflows:open_case", args=[finding.pk]))


def state(finding: Finding) -> str:
    return Finding.objects.get(pk=finding.pk).state


def test_a_finding_waits_for_its_school_and_the_offices_above(
    finding: Finding, world: World
) -> None:
    for who in ("officer", "township", "county_officer"):
        assert listed(world.people[who]) == [finding.pk]
    for who in ("far_officer", "far_township"):
        assert listed(world.people[who]) == []


def test_opening_makes_the_case_and_leads_to_it(finding: Finding, world: World) -> None:
    response = open_it(world.officer, finding)
    case = Case.objects.get(pupil=world.lan)
    assert response.url == f"/cases/{case.pk}/"
    assert (case.number, case.episode, case.owner) == ("KC-990026-2026A-00001", 1, world.officer)
    assert (case.village_owner, case.class_unit) == (world.cadre, world.units["class"])
    assert (state(finding), listed(world.officer)) == (FindingState.OPENED, [])


def test_opening_twice_opens_once(finding: Finding, world: World) -> None:
    """REL-05: the second tap finds it decided."""
    open_it(world.officer, finding)
    assert open_it(world.officer, finding).status_code == 409
    with pytest.raises(DomainError):
        start_case(finding, by=fresh(world.officer), at=OPENED)
    assert Case.objects.count() == 1 and IntakeDecision.objects.count() == 1


def test_linking_to_the_open_case(world: World) -> None:
    case = open_case(world, world.lan)
    again = suspect(world, world.lan, at=OPENED + timedelta(days=3))
    assert decide(world.officer, again, OPENED + timedelta(days=3), act="link").status_code == 302
    decision = IntakeDecision.objects.get(finding=again)
    assert (state(again), decision.case) == (FindingState.LINKED, case)


def test_linking_without_an_open_case(finding: Finding, world: World) -> None:
    assert decide(world.officer, finding, act="link").status_code == 409
    assert state(finding) == FindingState.WAITING


def test_a_second_case_beside_an_open_one_is_refused(world: World) -> None:
    open_case(world, world.lan)
    again = suspect(world, world.lan, at=OPENED + timedelta(days=3))
    with moved_to(OPENED + timedelta(days=3)):
        place = reverse("workflows:open_case", args=[again.pk])
        response = client_of(world.officer).post(place)
    assert response.status_code == 409
    assert "has an open case already: KC-990026-2026A-00001" in response.content.decode()
    assert Case.objects.count() == 1


def test_setting_aside_needs_a_reason(finding: Finding, world: World) -> None:
    response = decide(world.officer, finding, act="set_aside", reason=" ")
    assert response.status_code == 409
    assert decide(world.officer, finding, act="set_aside", reason="已补请假条。").status_code == 302
    assert state(finding) == FindingState.SET_ASIDE
    assert IntakeDecision.objects.get(finding=finding).reason == "已补请假条。"


def test_what_was_typed_is_kept_on_the_page(finding: Finding, world: World) -> None:
    """What stands in the refused form can be copied back."""
    response = decide(world.officer, finding, act="later", until="", reason="等医院证明。")
    assert response.status_code == 409 and "等医院证明。" in response.content.decode()


def test_later_comes_back_by_itself(finding: Finding, world: World) -> None:
    assert (
        decide(
            world.officer, finding, act="later", until="2026-10-15", reason="等证明。"
        ).status_code
        == 302
    )
    assert listed(world.officer) == []
    assert listed(world.officer, OPENED + timedelta(days=3)) == [finding.pk]
    moved = OPENED + timedelta(days=3)
    assert (
        decide(world.officer, finding, moved, act="set_aside", reason="已到校。").status_code == 302
    )


def test_later_is_not_in_the_past(finding: Finding, world: World) -> None:
    assert decide(world.officer, finding, act="later", until="2026-10-12").status_code == 409


def test_two_people_do_not_decide_the_same_finding(finding: Finding, world: World) -> None:
    stale = Finding.objects.get(pk=finding.pk)
    intake.set_aside(finding, reason="已到校。", by=fresh(world.officer), at=OPENED)
    with pytest.raises(DomainError, match="decided this finding already"):
        intake.put_off(
            stale,
            until=OPENED + timedelta(days=1),
            reason="等。",
            by=fresh(world.township),
            at=OPENED,
        )


def test_one_put_off_has_its_list_and_can_be_decided_before_its_day(
    finding: Finding, world: World
) -> None:
    back = (OPENED + timedelta(days=5)).date().isoformat()
    assert decide(world.officer, finding, act="later", reason="请假条在路上。", until=back).url
    assert (listed(world.officer), listed(world.officer, show="later")) == ([], [finding.pk])
    assert listed(world.far_officer, show="later") == []
    assert decide(world.officer, finding, act="set_aside", reason="已到校。").url
    assert listed(world.officer, show="later") == []
    assert listed(world.officer, show="decided") == [finding.pk]


def test_a_finding_joined_to_a_case_stands_in_its_story(finding: Finding, world: World) -> None:
    open_it(world.officer, finding)
    further = suspect(world, world.lan, at=OPENED + timedelta(days=1))
    decide(world.officer, further, OPENED + timedelta(days=1), act="link")
    case = Case.objects.get()
    shown = _page(world.officer, reverse("cases:case", args=[case.pk]))
    assert "joined a further finding" in shown


def test_what_was_decided_last_stands_first(world: World) -> None:
    first, second = suspect(world, world.lan), suspect(world, world.yun)
    decide(world.officer, second, act="set_aside", reason="已到校。")
    decide(world.officer, first, OPENED + timedelta(hours=1), act="set_aside", reason="已到校。")
    assert listed(world.officer, show="decided") == [first.pk, second.pk]


def test_a_decision_stands_beside_its_finding(finding: Finding, world: World) -> None:
    decide(world.officer, finding, act="set_aside", reason="住院，有证明。")
    with moved_to(OPENED):
        shown = client_of(world.officer).get(reverse("cases:intake"), {"show": "decided"})
    assert "住院，有证明。" in shown.content.decode()
    assert world.officer.display_name in shown.content.decode()


def test_what_someone_else_has_decided_is_said_so(finding: Finding, world: World) -> None:
    """409 with the reason, not a page that is not there."""
    decide(world.officer, finding, act="set_aside", reason="已到校。")
    late = decide(world.township, finding, act="set_aside", reason="已到校。")
    assert late.status_code == 409 and "decided this finding already" in late.content.decode()
    assert open_it(world.township, finding).status_code == 409
    assert Case.objects.count() == 0


def test_another_unit_s_finding(finding: Finding, world: World) -> None:
    """ACC-02: not found over HTTP, refused by the service."""
    assert decide(world.far_officer, finding, act="set_aside", reason="错。").status_code == 404
    with pytest.raises(DomainError, match="another unit"):
        intake.set_aside(finding, reason="错。", by=fresh(world.far_officer), at=OPENED)


CHILD = {
    "reason_text": "邻居说孩子半个月没有上学。", "name": "柏无名", "sex": "m", "born": "2013-05-05",
    "address": "青石村5组", "guardian": "柏大山", "phone": "10000098877",
}  # fmt: skip


def add_child(world: World, who: str, **changes: Any) -> Any:
    with moved_to(OPENED):
        data = {**CHILD, "unit": world.school.pk, **changes}
        return client_of(world.people[who]).post(reverse("cases:suspicion"), data)


@pytest.mark.parametrize(
    ("who", "rule"), [("cadre", "heard"), ("teacher", "hand"), ("officer", "hand")]
)
def test_a_child_on_no_roster(world: World, who: str, rule: str) -> None:
    """Issue point 3 and 10: 'I heard of a child' makes a finding."""
    assert add_child(world, who).status_code == 302
    finding = Finding.objects.get()
    assert (finding.rule, finding.pupil, finding.unit) == (rule, None, world.school)
    assert CHILD["phone"] not in str(finding.child)
    assert "柏无名" in _page(world.officer, reverse("cases:intake"))


def test_the_same_child_is_reported_once(world: World) -> None:
    assert add_child(world, "cadre").status_code == 302
    again = add_child(world, "cadre")
    assert again.status_code == 409 and "reported already" in again.content.decode()
    assert add_child(world, "cadre", born="2014-05-05").status_code == 302
    assert Finding.objects.count() == 2


def test_a_phone_that_is_none(world: World) -> None:
    assert list(add_child(world, "cadre", phone="abc").context["form"].errors) == ["phone"]


def test_who_reported_a_child_sees_what_became_of_it(world: World) -> None:
    add_child(world, "cadre")
    village = reverse("cases:village")
    assert "柏无名" in (shown := _page(world.cadre, village)) and "to be decided" in shown
    open_it(world.officer, Finding.objects.get())
    assert "case opened" in _page(world.cadre, village)
    assert "柏无名" not in _page(world.people["far_cadre"], village)


def _page(user: User, place: str) -> str:
    with moved_to(OPENED):
        return client_of(user).get(place).content.decode()


@pytest.mark.parametrize("missing", ["reason_text", "name", "born", "unit"])
def test_a_suspicion_with_a_field_missing(world: World, missing: str) -> None:
    response = add_child(world, "cadre", **{missing: ""})
    assert list(response.context["form"].errors) == [missing]
    assert not Finding.objects.exists()
    kept = next(each for each in ("name", "reason_text") if each != missing)
    assert CHILD[kept] in response.content.decode()


def test_a_school_out_of_reach(world: World) -> None:
    response = add_child(world, "cadre", unit=world.far_school.pk)
    assert list(response.context["form"].errors) == ["unit"]


def test_a_case_of_a_child_on_no_roster_goes_on(world: World) -> None:
    """It has no class: the steps of the class teacher are the school case officer's."""
    add_child(world, "cadre")
    open_it(world.officer, Finding.objects.get())
    case = Case.objects.get()
    assert (case.pupil.name, case.class_unit, case.school) == ("柏无名", None, world.school)
    assert case.pupil.guardians.get().phone == CHILD["phone"]
    do(case, Kind.REGISTER, OPENED + timedelta(hours=5))
    step = open_step(case, Kind.VERIFY)
    assert (step.holder, step.unit) == (world.officer, world.school)
    do(case, Kind.VERIFY, OPENED + timedelta(days=1), found="local")
    do(case, Kind.HOME_VISIT, OPENED + timedelta(days=2), result="not_yet")


def test_a_suspicion_about_a_pupil_of_the_roster(world: World) -> None:
    with moved_to(OPENED):
        place = f"{reverse('cases:suspicion')}?pupil={world.lan.pk}"
        data = {"reason_text": "三天没来。", "unit": world.school.pk}
        client = client_of(world.teacher)
        assert client.post(place, data).status_code == 302
        assert client.post(place, data).status_code == 409
    assert Finding.objects.get().pupil == world.lan and Pupil.objects.count() == len(world.pupils)


@pytest.mark.parametrize(("number", "status"), [("abc", 404), ("0", 404), ("９９９９９９", 404)])
def test_an_address_with_a_pupil_that_is_none(world: World, number: str, status: int) -> None:
    with moved_to(OPENED):
        place = f"{reverse('cases:suspicion')}?pupil={number}"
        assert client_of(world.teacher).get(place).status_code == status


def test_a_pupil_of_another_school(world: World) -> None:
    with moved_to(OPENED):
        place = f"{reverse('cases:suspicion')}?pupil={world.far_hua.pk}"
        assert client_of(world.teacher).get(place).status_code == 404


@pytest.mark.parametrize("until", ["2026-02-30", "bald", ""])
def test_a_day_that_is_none_is_a_refusal(finding: Finding, world: World, until: str) -> None:
    answer = decide(world.officer, finding, act="later", reason="请假条在路上。", until=until)
    assert answer.status_code == 409 and state(finding) == FindingState.WAITING


def test_a_child_is_not_born_in_the_future(world: World) -> None:
    assert add_child(world, "cadre", born="2030-01-01").status_code == 200
    assert not Finding.objects.exists()


@pytest.mark.parametrize(("who", "offered"), [("officer", True), ("township", True)])
def test_the_import_is_offered_to_whoever_may(world: World, who: str, offered: bool) -> None:
    """No link leads to a page that refuses."""
    client = client_of(world.people[who])
    page = client.get(reverse("cases:intake")).content.decode()
    assert ('href="/import/"' in page) == offered
    assert client.get("/import/").status_code == (200 if offered else 403)


def test_findings_about_children_with_an_open_case_are_joined_by_one_tap(world: World) -> None:
    cases = {pupil: open_case(world, pupil) for pupil in (world.lan, world.yun)}
    at = OPENED + timedelta(days=1)
    waiting = [suspect(world, pupil, at=at) for pupil in (world.lan, world.yun, world.qi)]
    with moved_to(at):
        client = client_of(world.officer)
        page = client.get(reverse("cases:intake"))
        assert sorted(page.context["joining"]) == sorted(f.pk for f in waiting[:2])
        shown = {"finding": [f.pk for f in waiting]}
        assert (
            "2 findings joined"
            in client.post(reverse("cases:link_all"), shown, follow=True).content.decode()
        )
    assert [state(f) for f in waiting] == ["linked", "linked", "waiting"]
    linked = IntakeDecision.objects.filter(finding__in=waiting[:2])
    assert {each.case for each in linked} == set(cases.values())


def test_opening_a_case_joins_what_else_waits_about_the_child(world: World) -> None:
    first, second = (
        suspect(world, world.lan),
        suspect(world, world.lan, at=OPENED + timedelta(days=1)),
    )
    at = OPENED + timedelta(days=1)
    with moved_to(at):
        case = start_case(first, by=fresh(world.officer), at=at)
    assert (state(first), state(second)) == ("opened", "linked")
    assert IntakeDecision.objects.get(finding=second).case == case


def test_what_is_set_aside_comes_back_for_a_second_look(finding: Finding, world: World) -> None:
    later = OPENED + timedelta(days=10)
    decide(world.officer, finding, act="set_aside", reason="有假条", until="2026-10-22")
    assert state(finding) == "set_aside" and listed(world.officer) == []
    assert listed(world.officer, show="decided") == [finding.pk]
    assert listed(world.officer, at=later) == [finding.pk]
    assert listed(world.officer, at=later, show="decided") == []
    decide(world.officer, finding, at=later, act="set_aside", reason="仍有假条")
    assert listed(world.officer, at=later) == []
    assert listed(world.officer, at=later + timedelta(days=30)) == [finding.pk]
