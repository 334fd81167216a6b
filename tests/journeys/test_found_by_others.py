"""What people who tried to break in, and people who read the code, found: one test a finding."""

import re
from datetime import timedelta

import pytest

from casework.audit.models import Entry
from casework.cases import matters
from casework.cases.drafts import key_of_step, save_draft
from casework.cases.glass import break_glass, told_to
from casework.cases.guards import legal_review
from casework.cases.handing_out import hand_out
from casework.cases.helping import give_help
from casework.cases.kinds import Kind
from casework.cases.models import Case, Matter, Step, Visit
from casework.cases.protection import report_harm
from casework.cases.story import story_of
from casework.cases.supervision import raise_notice
from casework.cases.together import bind
from casework.cases.undoing import undo, undoable
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.models import Document
from casework.org.absence import arrange
from casework.org.models import Post, User
from casework.org.people import set_active
from casework.org.roles import Role
from casework.students.models import Enrolment
from tests.journeys.test_side_roads import ask, branch, look, sound
from tests.world import BEGIN, World, client_of, day, do, fresh, open_case, open_step

pytestmark = pytest.mark.django_db
SECRET = "父亲酒后打人"


def harmed(case: Case, world: World) -> Step:
    at = day(case, 4)
    with moved_to(at):
        said = {"signs": ["violence"], "danger": "no", "seen": SECRET}
        return report_harm(case, said, by=fresh(world.teacher), at=at)


@pytest.mark.parametrize("who", ["township", "officer", "status", "teacher_two"])
def test_an_empty_form_sent_to_somebody_else_s_step_shows_nothing(
    case: Case, world: World, who: str
) -> None:
    step = harmed(case, world)
    with moved_to(day(case, 4, 16)):
        client = client_of(world.people[who])
        for typed in ({}, {"act": "save"}, {"result": "reported"}):
            answer = client.post(f"/steps/{step.pk}/", typed)
            assert answer.status_code in (404, 409) and SECRET not in answer.content.decode()


def test_a_finished_step_answers_no_form_of_its_doer(case: Case, world: World) -> None:
    step = open_step(case, Kind.PERSUASION)
    do(case, Kind.PERSUASION, day(case, 5), result="not_yet")
    with moved_to(day(case, 5, 17)):
        answer = client_of(world.principal).post(f"/steps/{step.pk}/", {})
    assert answer.status_code == 409 and "finished already" in answer.content.decode()


def test_the_closure_of_a_restricted_branch_stays_apart(case: Case, world: World) -> None:
    branch(case, "SPECIALISED_SCHOOL", world)
    look(case, 6, result="settled", proof="专门教育指导委员会决定")
    do(case, Kind.PROPOSE_CLOSURE, day(case, 7), statement="已进入专门学校。")
    do(case, Kind.APPROVE_CLOSURE, day(case, 8), decision="sent_back", opinion="决定书缺编号。")
    open_papers = Document.objects.filter(chain=f"case:{case.pk}")
    assert not [paper for paper in open_papers if "专门" in paper.record]
    steps = list(case.steps.select_related("matter"))
    told = "".join(each.words for each in story_of(case, steps, list(open_papers)))
    assert "决定书缺编号" not in told
    look(case, 9, result="settled", proof="决定书〔2026〕3号")
    do(case, Kind.PROPOSE_CLOSURE, day(case, 10))
    (paper,) = do(case, Kind.APPROVE_CLOSURE, day(case, 11), decision="approved")
    assert (paper.kind, paper.unit) == ("P32", world.county)
    said = Entry.objects.get(chain=f"case:{case.pk}", verb="case.closed").facts
    assert said["outcome"] == "restricted"
    sound()


def test_the_closing_paper_says_how_the_case_ended(case: Case, world: World) -> None:
    branch(case, "DECEASED", world)
    do(case, Kind.PROPOSE_CLOSURE, day(case, 6))
    (paper,) = do(case, Kind.APPROVE_CLOSURE, day(case, 7), decision="approved")
    assert re.findall(r'"on":1,"text":"([^"]+)"', paper.record) == ["死亡"]


def test_one_hand_over_is_asked_for_at_a_time(case: Case, world: World) -> None:
    place = {"receiver": str(world.far_school.pk)}
    ask(case, "HAND_OVER", day(case, 4), world.officer, **place)
    with pytest.raises(DomainError, match="asked for already"):
        ask(case, "HAND_OVER", day(case, 4), world.officer, **place)


def test_a_joined_case_is_not_shown_to_who_never_took_it(case: Case, world: World) -> None:
    """The hand-over that waits ends before the two are joined."""
    kept = open_case(world, world.qi)
    ask(case, "HAND_OVER", day(case, 4), world.officer, receiver=str(world.far_school.pk))
    ask(case, "DUPLICATE", day(case, 4), world.teacher, other_case=kept.number)
    duplicate = Matter.objects.get(case=case, code="DUPLICATE")
    at = day(case, 5)
    with moved_to(at), one_act():
        matters.merge(case, kept, by=fresh(world.county_officer), at=at)
    stranger = fresh(world.far_officer)
    assert not Case.objects.visible_to(stranger).filter(pk__in=[case.pk, kept.pk]).exists()
    assert duplicate.is_open


def test_two_letters_never_carry_each_other(case: Case, world: World) -> None:
    other = Case.objects.exclude(pk=case.pk)[0]
    first, second = (
        Matter.objects.create(
            case=each, kind="letter", code="return_notice", unit=world.town, opened_at=day(case, 4)
        )
        for each in (case, other)
    )
    steps = {
        each.pk: Step(case=each.case, kind=Kind.DRAFT_LETTER, matter=each)
        for each in (first, second)
    }
    bind(first, [steps[second.pk]])
    bind(second, [steps[first.pk]])
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.lead, second.lead) == (second, None)


def test_rights_are_lent_to_nobody_without_a_post(case: Case, world: World) -> None:
    at = day(case, 4)
    days = {"since": local_date(at), "until": local_date(at) + timedelta(days=3)}
    arrange(
        user=world.principal, substitute=world.officer, by=fresh(world.principal), at=at, reason="", **days
    )  # fmt: skip
    with moved_to(at):
        assert Role.PRINCIPAL in {post.role for post in fresh(world.officer).current_posts}
        Post.objects.filter(user=world.officer).update(until=local_date(at) - timedelta(days=1))
        assert fresh(world.officer).current_posts == []


def test_a_step_is_given_to_nobody_who_left(case: Case, world: World) -> None:
    gone = User.objects.create(
        username="99000778", display_name="已离", is_active=False, created_at=BEGIN
    )
    Post.objects.create(user=gone, unit=world.school, role=Role.PRINCIPAL, since=BEGIN.date())
    step = open_step(case, Kind.PERSUASION)
    with moved_to(day(case, 4)), pytest.raises(DomainError, match="cannot take this step"):
        hand_out([(step, gone)], reason="x", by=fresh(world.officer), at=day(case, 4))


def test_somebody_else_s_draft_blocks_no_undoing(case: Case, world: World) -> None:
    step = open_step(case, Kind.PERSUASION)
    save_draft(user=world.liaison, key=key_of_step(step.pk), typed={"why": ["x"]}, at=day(case, 4))
    assert undoable(case) is not None


def test_undoing_strikes_only_the_step_s_own_visit(case: Case, world: World) -> None:
    step = undoable(case)
    assert step is not None
    village = Visit.objects.create(
        pupil=case.pupil, school=case.school, case=case, step=step, form="door", line="village", visitor=world.cadre,
        began=day(case, 2), ended=day(case, 2), recorded_at=day(case, 2, 20), sign_state="unsigned",
    )  # fmt: skip
    ask(case, "UNDO", day(case, 3), world.teacher)
    with moved_to(day(case, 4)), one_act():
        undo(Matter.objects.get(code="UNDO"), by=fresh(world.principal), at=day(case, 4))
    assert list(case.contacts) == [village]


def test_the_reason_of_an_emergency_access_is_the_supervisors_only(
    case: Case, world: World
) -> None:
    reason, at = "派出所来电，孩子被拘留", day(case, 4)
    break_glass(case.number, reason, by=fresh(world.far_officer), at=at)
    steps = list(case.steps.select_related("matter"))
    assert reason not in "".join(each.words for each in story_of(case, steps, []))
    for who, tells in (("supervisor", True), ("principal", True), ("officer", False)):
        with moved_to(at):
            page = client_of(world.people[who]).get("/glass/").content.decode()
        assert (reason in page) == tells, who
    assert not told_to(fresh(world.far_principal)).exists()


def test_harm_is_no_kind_of_the_board_and_no_title(case: Case, world: World) -> None:
    step = harmed(case, world)
    assert "harm" not in step.title and "protect" not in step.title
    with moved_to(day(case, 4)):
        client = client_of(world.leader)
        assert client.get("/board/steps/?kind=protect").status_code == 404
        assert "kind=protect" not in client.get("/board/").content.decode()
    with moved_to(day(case, 9)), pytest.raises(DomainError, match="restricted work"):
        said = {"demand": "请办理", "reply_by": local_date(day(case, 12))}
        raise_notice(step, said, by=fresh(world.supervisor), at=day(case, 9))


def test_what_came_of_something_else_is_not_undone(case: Case, world: World) -> None:
    """A branch asked for before the step and agreed to after it."""
    step = ask(case, "DECEASED", day(case, 4), world.teacher)
    do(case, Kind.PERSUASION, day(case, 5), result="not_yet")
    do(case, step.kind, day(case, 6))
    assert undoable(case) is None


def test_the_class_teacher_of_the_new_school_sees_the_case(case: Case, world: World) -> None:
    Enrolment.objects.filter(pupil=case.pupil).update(
        class_unit=world.far_class, school=world.far_school
    )
    ask(case, "HAND_OVER", day(case, 4), world.officer, receiver=str(world.far_school.pk))
    do(case, Kind.DECIDE_REQUEST, day(case, 5))
    assert Case.objects.visible_to(fresh(world.far_teacher)).filter(pk=case.pk).exists()


def test_help_conferences_and_appeals_stay_with_whoever_has_them(case: Case, world: World) -> None:
    at = day(case, 4)
    with moved_to(at):
        said = {"measure": "TALK", "owner": world.principal.posts.get(), "aim": "谈话"}
        give_help(case, {**said, "until": local_date(at)}, by=fresh(world.officer), at=at)
    ask(case, "APPEAL_SCHOOL", at, world.teacher)
    ask(case, "HAND_OVER", at, world.township, receiver=str(world.far_town.pk))
    do(case, Kind.DECIDE_REQUEST, day(case, 5))
    assert open_step(case, Kind.HELP).holder == world.principal
    assert open_step(case, Kind.ACCEPT_APPEAL).unit == world.school


def test_a_department_s_answer_bears_its_own_number(case: Case, world: World) -> None:
    branch(case, "CHILD_LABOUR", world)
    (paper,) = do(case, Kind.REPLY_REFERRAL, day(case, 6))
    assert paper.unit == world.labour and paper.number.startswith("人力资源")


def test_a_measure_of_a_class_is_numbered_by_its_school(case: Case, world: World) -> None:
    at = day(case, 4)
    with moved_to(at):
        said = {"measure": "TALK", "owner": world.teacher.posts.get(), "aim": "谈话"}
        give_help(case, {**said, "until": local_date(at)}, by=fresh(world.officer), at=at)
    (paper,) = do(case, Kind.HELP, at)
    assert paper.unit == world.school


def test_a_report_of_harm_lands_on_somebody_even_without_a_principal(
    case: Case, world: World
) -> None:
    Post.objects.filter(user=world.principal).update(until=local_date(day(case, 1)))
    assert harmed(case, world).holder == world.county_officer


def test_an_owner_who_stays_stays_the_owner(case: Case, world: World) -> None:
    deputy = User.objects.create(username="99000779", display_name="韩冬", created_at=BEGIN)
    Post.objects.create(
        user=deputy, unit=world.school, role=Role.SCHOOL_CASE_OFFICER, since=BEGIN.date()
    )
    case.owner = deputy
    case.save(update_fields=["owner", "stage"])
    set_active(user=world.cadre, active=False, by=fresh(world.admin), at=day(case, 4))
    case.refresh_from_db()
    assert (case.owner, case.village_owner) == (deputy, world.township)
    assert Entry.objects.filter(chain=f"case:{case.pk}", verb="case.owners").count() == 1


def test_a_liaison_undoes_a_wrong_tap(case: Case, world: World) -> None:
    second = User.objects.create(username="99000780", display_name="孙工", created_at=BEGIN)
    Post.objects.create(user=second, unit=world.labour, role=Role.LIAISON, since=BEGIN.date())
    branch(case, "CHILD_LABOUR", world)
    step = open_step(case, Kind.REPLY_REFERRAL)
    with moved_to(day(case, 4, 15)):
        client = client_of(world.liaison)
        assert client.post(f"/steps/{step.pk}/claim/").status_code == 302
        undone = client.post(f"/steps/{step.pk}/undo/")
    assert undone["Location"] == "/referrals/"  # type: ignore[index]
    assert open_step(case, Kind.REPLY_REFERRAL).holder is None


def test_a_drafter_does_not_check_his_own_letter(case: Case, world: World) -> None:
    letter = Matter(case=case, kind="letter", code="order", unit=world.town, opened_at=day(case, 4))
    step = Step(case=case, kind=Kind.DRAFT_LETTER, matter=letter, holder=world.township)
    with pytest.raises(DomainError, match="does not check it himself"):
        legal_review(step, {"reviewed": "司法所 吴玉兰"}, day(case, 4))
    legal_review(step, {"reviewed": "司法所 覃世平"}, day(case, 4))


def test_an_appeal_that_is_not_upheld_is_a_decision_with_a_paper(case: Case, world: World) -> None:
    ask(case, "APPEAL_SCHOOL", day(case, 4), world.teacher)
    do(case, Kind.ACCEPT_APPEAL, day(case, 5))
    (paper,) = do(case, Kind.DECIDE_REQUEST, day(case, 6), decision="refused", opinion="处理适当。")
    assert paper.kind == "P29" and "维持原处理" in paper.record
