"""Rules are data: versions, proposals with a second person, files, only stricter below (issue 3; domain.md A6)."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from casework.cases.kinds import Kind
from casework.cases.models import Case, Step
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.org.models import User
from casework.profiles import proposals
from casework.profiles.models import Profile, Proposal
from casework.profiles.rules import baseline, check, publish, section
from casework.profiles.shipped import difference, merged, shipped
from casework.profiles.strictness import kept_strict
from tests.world import OPENED, World, client_of, day, do, open_case, open_step

pytestmark = pytest.mark.django_db
TOMORROW = local_date(OPENED) + timedelta(days=1)
FEWER = merged(baseline(), {"guards": {"visits_before_report": 2}})


def proposed(world: World, rules: dict[str, Any] = FEWER, unit: Any = None) -> Proposal:
    with moved_to(OPENED):
        return proposals.propose(
            unit or world.county,
            rules,
            name="两次家访",
            valid_from=TOMORROW,
            by=world.county_officer,
            at=OPENED,
        )


def sent(client: Client, place: str, data: dict[str, Any]) -> Any:
    with moved_to(OPENED):
        return client.post(place, data)


@pytest.mark.parametrize("code", ["baseline", "guizhou", "wenshan"])
def test_every_shipped_profile_can_be_published_and_says_its_sources(
    world: World, code: str
) -> None:
    """domain.md 2.1."""
    found = shipped()[code]
    check(world.county, found.rules, OPENED)
    changed = difference(baseline(), found.rules)
    assert bool(changed) == bool(found.sources) == (code != "baseline")


def test_proposed_by_one_published_by_another(world: World, colleague: User) -> None:
    proposal = proposed(world)
    assert Profile.objects.count() == 1
    place = reverse("cases:rules")
    own = sent(client_of(world.county_officer), place, {"proposal": proposal.pk, "act": "approve"})
    assert own.status_code == 409 and "another person decides" in own.content.decode()
    assert (
        sent(client_of(colleague), place, {"proposal": proposal.pk, "act": "approve"}).status_code
        == 302
    )
    version = Profile.objects.get(version=2)
    assert (version.valid_from, version.created_by, version.rules) == (TOMORROW, "白丽", FEWER)
    again = sent(client_of(colleague), place, {"proposal": proposal.pk, "act": "approve"})
    assert again.status_code == 404


def test_what_was_begun_keeps_its_own_version(world: World, colleague: User) -> None:
    """Issue point: each step remembers the version that made it. Urgent or not: the demo's answers go by the case's id."""
    case = open_case(world, world.lan)
    do(case, Kind.REGISTER, day(case, 0, 20))
    rules = merged(baseline(), {"steps": {"home_visit": {"budget": 3, "urgent": 3}}})
    with moved_to(OPENED):
        proposals.decide(proposed(world, rules), approve=True, reason="", by=colleague, at=OPENED)
    old = open_step(case, Kind.VERIFY)
    assert old.profile.version == 1
    do(case, Kind.VERIFY, day(case, 1), found="local")
    new = open_step(case, Kind.HOME_VISIT)
    assert (new.profile.version, new.budget) == (2, 3)
    assert Step.objects.get(pk=old.pk).profile.version == 1


def test_a_refusal_needs_a_reason_and_publishes_nothing(world: World, colleague: User) -> None:
    proposal, place = proposed(world), reverse("cases:rules")
    client = client_of(colleague)
    assert sent(client, place, {"proposal": proposal.pk, "act": "refuse"}).status_code == 409
    assert (
        sent(
            client, place, {"proposal": proposal.pk, "act": "refuse", "reason": "太严"}
        ).status_code
        == 302
    )
    proposal.refresh_from_db()
    assert (proposal.approved, proposal.reason, Profile.objects.count()) == (False, "太严", 1)


def test_a_unit_below_is_only_stricter(world: World) -> None:
    """domain.md A6: where the parent says so."""
    at = OPENED
    for path, value in (("visits_before_report", 0), ("days_before_report", 30)):
        laxer = merged(baseline(), {"guards": {path: value}})
        with pytest.raises(DomainError, match=f"guards.{path}.*may only be stricter"):
            publish(world.school, laxer, name="松", valid_from=TOMORROW, by=None, at=at)
    stricter = merged(
        baseline(),
        {"guards": {"visits_before_report": 3, "return_times_a_report_may_be_sent_back": 9}},
    )
    publish(world.school, stricter, name="严", valid_from=local_date(at), by=None, at=at)
    assert section(world.school, "guards", at)["visits_before_report"] == 3


@pytest.mark.parametrize(
    "other",
    [
        {"unit": "working_days"},
        {"from": "opened"},
        {"pauses": ["hold", "mail"]},
        {"roll_forward": 1},
    ],
)
def test_a_bound_limit_is_not_counted_otherwise_below(world: World, other: dict[str, Any]) -> None:
    """Fewer days of another kind may be more time."""
    bound = baseline() | {"stricter": {"steps.verify.budget": "at_most"}}
    publish(world.county, bound, name="x", valid_from=local_date(OPENED), by=None, at=OPENED)
    below = merged(
        baseline(), {"steps": {"verify": {"budget": 0, "target": 0, "urgent": 0, **other}}}
    )
    with pytest.raises(DomainError, match="bound from above"):
        publish(world.school, below, name="y", valid_from=local_date(OPENED), by=None, at=OPENED)
    above = {**bound, "steps": {"verify": baseline()["steps"]["verify"]}}
    held = kept_strict(below, above)["steps"]["verify"]
    assert held == baseline()["steps"]["verify"]


@pytest.mark.parametrize(
    "said", [{"guards.nothing": "at_least"}, {"guards.visits_before_report": "more"}]
)
def test_a_direction_that_means_nothing_is_refused(world: World, said: dict[str, str]) -> None:
    with pytest.raises(DomainError, match="names no number"):
        check(world.county, baseline() | {"stricter": said}, OPENED)


def test_rules_are_not_backdated(world: World) -> None:
    with pytest.raises(DomainError, match="from today on"):
        proposals.propose(
            world.county,
            FEWER,
            name="x",
            valid_from=date(2026, 1, 1),
            by=world.county_officer,
            at=OPENED,
        )


def page_of(client: Client, query: str = "") -> Any:
    with moved_to(OPENED):
        return client.get(reverse("cases:edit_rules") + query)


def typed(form: Any, **more: Any) -> dict[str, Any]:
    """What a browser sends back of the page's form."""
    said = {name: form[name].value() for name in form.fields if name != "running"}
    shown = {name: value for name, value in said.items() if value is not None}
    return {**shown, "name": "新版", "valid_from": TOMORROW.isoformat(), **more}


def test_the_page_shows_what_changes_before_it_proposes(world: World) -> None:
    client, place = client_of(world.county_officer), reverse("cases:edit_rules")
    shown = page_of(client)
    data = typed(shown.context["form"], base=shown.context["base"])
    data["guards › visits_before_report"] = 2
    seen = sent(client, place, {**data, "act": "preview"})
    assert seen.context["changes"] == [
        ("what must be so before a step is done › visits before the report", "1", "2")
    ]
    assert not Proposal.objects.exists()
    assert sent(client, place, {**data, "act": "propose"}).status_code == 302
    assert Proposal.objects.get().rules == FEWER


def test_rungs_and_lists_are_changed_on_the_page(world: World) -> None:
    client, place = client_of(world.county_officer), reverse("cases:edit_rules")
    shown = page_of(client)
    form = shown.context["form"]
    data = typed(form, base=shown.context["base"], act="propose")
    data |= {
        "ladder › away": ["unclaimed", "late_3"],
        "ladder › 3 › working_days": 2,
        "ladder › new › measure": "working_days",
        "ladder › new › number": 5,
        "ladder › new › tell": ["supervisor", "upper"],
        "notices › at_once": ["glass", "harm_now"],
        "letters › ladder": ["court", "return_notice"],
        "steps › verify › pauses": [],
    }
    assert sent(client, place, data).status_code == 302
    rules = Proposal.objects.get().rules
    assert rules["ladder"] == [
        {"code": "soon", "share": 80, "tell": ["owner"]},
        {"code": "due", "working_days": 0, "tell": ["owner", "supervisor"]},
        {"code": "late_1", "working_days": 2, "tell": ["supervisor"]},
        {"code": "late_5", "working_days": 5, "tell": ["supervisor", "upper"]},
    ]
    assert rules["notices"]["at_once"] == ["glass", "harm_now"]
    assert rules["letters"]["ladder"] == ["return_notice", "court"]
    assert rules["steps"]["verify"]["pauses"] == []
    assert rules["steps"] == merged(baseline()["steps"], {"verify": {"pauses": []}})


@pytest.mark.parametrize(
    ("rung", "words"),
    [
        ({"measure": "working_days", "number": 5, "tell": []}, "tells nobody"),
        ({"measure": "working_days", "number": 3, "tell": ["upper"]}, "is there twice"),
        ({"measure": "working_days", "number": 600, "tell": ["upper"]}, "too far ahead"),
        ({"measure": "share", "number": 100, "tell": ["owner"]}, "between 1 and 99"),
    ],
)
def test_a_rung_that_makes_no_sense_is_refused_in_words(
    world: World, rung: dict[str, Any], words: str
) -> None:
    client, place = client_of(world.county_officer), reverse("cases:edit_rules")
    shown = page_of(client)
    new = {f"ladder › new › {name}": said for name, said in rung.items()}
    refused = sent(client, place, typed(shown.context["form"], base=shown.context["base"], **new))
    assert refused.status_code == 409 and words in refused.content.decode()


def test_the_ladder_keeps_at_least_a_rung(world: World) -> None:
    with pytest.raises(DomainError, match="no rung left"):
        check(world.county, baseline() | {"ladder": []}, OPENED)


def test_a_rung_whose_name_is_taken_gets_another(world: World) -> None:
    """late_1 comes after two days now, and a new one after one."""
    client, place = client_of(world.county_officer), reverse("cases:edit_rules")
    shown = page_of(client)
    data = typed(shown.context["form"], base=shown.context["base"], act="propose")
    data |= {
        "ladder › 3 › working_days": 2,
        "ladder › new › measure": "working_days",
        "ladder › new › number": 1,
        "ladder › new › tell": ["owner"],
    }
    assert sent(client, place, data).status_code == 302
    assert Proposal.objects.get().rules["ladder"][-1]["code"] == "late_1_2"


@pytest.mark.parametrize(
    "base",
    ["x", "[]", '{"ladder": "x"}', '{"ladder": [{"tell": ["owner"]}]}', '{"guards": [["a"]]}'],
)
def test_a_base_that_is_none_is_not_found(world: World, base: str) -> None:
    client, place = client_of(world.county_officer), reverse("cases:edit_rules")
    wrapped = f'{{"format": "{proposals.FORMAT}", "name": "x", "rules": {base}}}'
    for text in (base, wrapped):
        assert sent(client, place, {"base": text, "act": "preview"}).status_code == 404


def test_a_refusal_of_rules_speaks_in_words(world: World) -> None:
    client, place = client_of(world.county_officer), reverse("cases:edit_rules")
    shown = page_of(client)
    data = typed(shown.context["form"], base=shown.context["base"])
    refused = sent(client, place, {**data, "steps › verify › target": 9})
    assert f"time limits of steps › {Kind.VERIFY.label}" in refused.content.decode()


def test_a_file_goes_out_and_comes_in_with_its_difference(world: World) -> None:
    """Export and import as one file; lists too, which the form does not show."""
    client, place = client_of(world.county_officer), reverse("cases:edit_rules")
    with moved_to(OPENED):
        out = client.get(reverse("cases:rules_file", args=[Profile.objects.get().pk]))
    said = json.loads(out.content)
    said["rules"]["letters"]["ladder"] = ["return_notice", "court"]
    file = SimpleUploadedFile("rules.json", json.dumps(said).encode())
    seen = sent(client, place, {"act": "upload", "file": file})
    assert [change[0] for change in seen.context["changes"]] == ["letters › order of the letters"]
    data = typed(seen.context["form"], base=seen.context["base"], act="propose")
    assert sent(client, place, data).status_code == 302
    assert Proposal.objects.get().rules["letters"]["ladder"] == ["return_notice", "court"]


WRONG_FILES = [
    b"", b"[]", b"not json", b'{"format": "other"}', b"[" * 100_000, b"{}" * 200_000,
    json.dumps({"format": proposals.FORMAT, "name": "x", "rules": {"unheard": {}}}).encode(),
    json.dumps({"format": proposals.FORMAT, "name": "x", "rules": {"guards": {"days_before_report": -1}}}).encode(),
]  # fmt: skip


@pytest.mark.parametrize("data", WRONG_FILES)
def test_a_file_that_is_none_of_ours_is_refused(world: World, data: bytes) -> None:
    client, place = client_of(world.county_officer), reverse("cases:edit_rules")
    refused = sent(client, place, {"act": "upload", "file": SimpleUploadedFile("x.json", data)})
    assert refused.status_code == 409
    assert not Proposal.objects.exists()


def test_a_school_s_officer_changes_no_rules(world: World) -> None:
    with pytest.raises(DomainError, match="not yours"):
        proposals.propose(
            world.school, FEWER, name="x", valid_from=TOMORROW, by=world.officer, at=OPENED
        )
    with moved_to(OPENED):
        assert client_of(world.officer).get(reverse("cases:rules")).status_code == 403


def test_the_cause_makes_a_case_urgent(world: World) -> None:
    """Features 10: where the profile says so."""
    case = open_case(world, world.lan)
    do(case, Kind.REGISTER, day(case, 0, 20), reason="MARRY")
    other = open_case(world, world.yun)
    do(other, Kind.REGISTER, day(other, 0, 20), reason="LEARN")
    assert [Case.objects.get(pk=each.pk).urgent for each in (case, other)] == [True, False]


@pytest.mark.parametrize(
    "stricter", [[], "x", {"x": [1]}, {"guards.visits_before_report": "about"}]
)
def test_what_is_no_list_of_bound_values_is_refused(world: World, stricter: Any) -> None:
    with pytest.raises(DomainError):
        check(world.school, {"stricter": stricter}, OPENED)


def test_rules_are_neither_empty_nor_endless(world: World) -> None:
    huge = merged(baseline(), {"guards": {"visits_before_report": 10**400}})
    for rules in ({}, huge):
        with pytest.raises(DomainError):
            check(world.county, rules, OPENED)


def test_half_a_character_in_a_file_is_refused() -> None:
    said = {"format": proposals.FORMAT, "name": "\ud800", "rules": {"term": {"visit_quota": 20}}}
    with pytest.raises(DomainError, match="no file of rules"):
        proposals.read_file(json.dumps(said).encode())


def test_what_is_bound_stays_bound_below_whatever_stands_between(world: World) -> None:
    """A township that unbinds a value, and a later county that binds more, leave nobody laxer."""
    publish(world.town, {"stricter": {}}, name="松", valid_from=TOMORROW, by=None, at=OPENED)
    lax = {"guards": baseline()["guards"] | {"visits_before_report": 0}}
    later = OPENED + timedelta(days=2)
    with pytest.raises(DomainError, match="only be stricter"):
        check(world.school, lax, later)
    strict = {"guards": baseline()["guards"] | {"days_before_report": 6, "visits_before_report": 2}}
    publish(world.school, strict, name="严", valid_from=TOMORROW, by=None, at=OPENED)
    county = merged(baseline(), {"guards": {"visits_before_report": 3}})
    publish(world.county, county, name="更严", valid_from=TOMORROW, by=None, at=OPENED)
    held = section(world.school, "guards", later)
    assert (held["visits_before_report"], held["days_before_report"]) == (3, 6)
    assert section(world.school, "stricter", later) == baseline()["stricter"]


def test_a_refused_proposal_stands_on_the_page_with_its_reason(
    world: World, colleague: User
) -> None:
    proposal = proposals.propose(
        world.county, FEWER, name="少一次", valid_from=TOMORROW, by=world.county_officer, at=OPENED
    )
    proposals.decide(proposal, approve=False, reason="依据不足。", by=colleague, at=OPENED)
    with moved_to(OPENED):
        shown = client_of(world.county_officer).get(reverse("cases:rules")).content.decode()
    assert "依据不足。" in shown and colleague.display_name in shown
