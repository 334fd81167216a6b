"""Every kind of step is complete, names that are stored in rows are pinned, every page says who may open it (conventions.md 29)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.urls import URLPattern, get_resolver
from viewflow.workflow import flow, lock
from viewflow.workflow.fields import get_flow_ref, get_task_ref

from casework.cases import story
from casework.cases.facts import VALUES
from casework.cases.kinds import KINDS, Kind, Stage, Track
from casework.cases.letters import LETTERS
from casework.cases.records import RECORDERS
from casework.cases.side_roads import PARKED, SIDE_ROADS, WITH_TERM
from casework.cases.step_clock import FOLLOW_UP_DAYS
from casework.cases.ways import WAYS
from casework.deadlines.units import UNITS
from casework.documents.papers.register import COMMON, PAPERS
from casework.org.pages import Page
from casework.org.roles import CAPABILITIES, Can, Role
from casework.profiles.rules import SECTIONS, WORDS, baseline
from tests.architecture.test_imports import ROOT
from workflows import checks
from workflows.demo.stories import STORIES
from workflows.flows import DropoutFlow
from workflows.forms import FORMS
from workflows.nodes import CaseStep
from workflows.picture import COLUMNS, next_shown

NODES = {
    "start": "START", "lanes": "PARALLEL_GATEWAY", "turned": "FUNCTION", "again": "PARALLEL_GATEWAY", "end": "END",
    **dict.fromkeys((
        "register", "verify", "home_visit", "persuasion", "persuasion_led", "draft_letter", "sign_letter", "serve_letter",
        "answer_letter", "branch_review", "follow_up", "propose_closure", "approve_closure",
    ), "HUMAN"),
    **dict.fromkeys((
        "first", "found", "visited", "onward", "led", "drafted", "signed", "served", "answered", "reviewed", "checked", "approved",
    ), "SWITCH"),
}  # fmt: skip


def test_references_stored_in_rows_are_pinned() -> None:
    """engine.md 5: a renamed flow or node orphans live cases. Add here; never rename without a data migration."""
    assert get_flow_ref(DropoutFlow) == "workflows/flows.DropoutFlow"
    nodes = {node.name: node for node in DropoutFlow.instance.nodes()}
    assert set(nodes) == set(NODES)
    for name, node in nodes.items():
        assert get_task_ref(node) == f"workflows/flows.DropoutFlow.{name}"


@pytest.mark.parametrize("name", sorted(NODES))
def test_a_node_keeps_its_type(name: str) -> None:
    """The type is stored with each turn too."""
    node = next(node for node in DropoutFlow.instance.nodes() if node.name == name)
    assert node.task_type == NODES[name]


def test_no_timer_nodes_and_the_waiting_lock() -> None:
    """design.md §3: waiting is a step with `opens_at`; engine.md 2.5: no other lock."""
    assert checks.flow_is_safe(None) == []
    assert isinstance(DropoutFlow.lock_impl, lock.SelectForUpdateLock)


@pytest.mark.parametrize("wrong", [lock.no_lock, lock.SelectForUpdateLock(nowait=True)])
def test_another_lock_is_refused(wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DropoutFlow, "lock_impl", wrong)
    assert [error.id for error in checks.flow_is_safe(None)] == ["casework.E002"]


def test_a_timer_node_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    timer = flow.Timer(delay=timedelta(days=7))
    timer.name = "wait_a_week"
    monkeypatch.setattr(type(DropoutFlow.instance), "nodes", lambda self: [timer])
    assert [error.id for error in checks.flow_is_safe(None)] == ["casework.E001"]


def test_one_end() -> None:
    """engine.md 5: a process is DONE by one TerminateEnd."""
    ends = [n for n in DropoutFlow.instance.nodes() if n.task_type == "END"]
    assert [type(each) for each in ends] == [flow.TerminateEnd]


def test_every_main_kind_has_one_node() -> None:
    kinds = [node.kind for node in DropoutFlow.instance.nodes() if isinstance(node, CaseStep)]
    assert sorted(kinds) == sorted(k for k, spec in KINDS.items() if spec.track == Track.MAIN)


def test_the_picture_has_a_place_for_every_turn() -> None:
    drawn = [str(name) for _event, names in COLUMNS for name in names]
    nodes = DropoutFlow.instance.nodes()
    turns = [node.name for node in nodes if isinstance(node, CaseStep)]
    assert sorted(drawn) == sorted([*turns, "end"])


def test_every_kind_is_complete() -> None:
    """Specification, form, ways out: for every kind, and for nothing else."""
    every = set(Kind.values)
    assert every == set(KINDS) == set(FORMS) == {way.kind for way in WAYS}
    assert set(RECORDERS) <= every


# kinds whose paper is that of the letter or request they work on
OF_THEIR_MATTER = {
    Kind.SIGN_LETTER: {letter.paper for letter in LETTERS.values()},
    Kind.DECIDE_REQUEST: {road.paper for road in SIDE_ROADS.values()},
}


@pytest.mark.parametrize("kind", Kind.values)
def test_a_kind_has_papers_that_exist_and_values_for_them(kind: str) -> None:
    papers = OF_THEIR_MATTER.get(Kind(kind)) or set(KINDS[kind].papers)
    assert papers and papers <= set(PAPERS) and papers <= set(VALUES)


@pytest.mark.parametrize("kind", [k for k, spec in KINDS.items() if spec.track == Track.MAIN])
def test_the_flow_has_an_edge_for_every_way(kind: str) -> None:
    """The table of ways and the picture of the flow say the same."""
    node = next(n for n in DropoutFlow.instance.nodes() if getattr(n, "kind", "") == kind)
    drawn = {getattr(each, "kind", each.name) for each in next_shown(node)}
    assert drawn == {way.leads or "end" for way in WAYS if way.kind == kind}


def test_the_lane_beside_the_turn_leads_where_side_steps_lead() -> None:
    drawn = {getattr(each, "kind", each.name) for each in next_shown(DropoutFlow.onward)}
    turns = [way for way in WAYS if KINDS[way.kind].track == Track.SIDE and way.turns]
    back = [way for way in WAYS if way.kind == Kind.BRANCH_REVIEW and way.outcome == "failed"]
    beginning = {Kind.REGISTER}  # the gate before it leads there
    assert drawn == {way.leads or "end" for way in (*turns, *back)} - beginning


def test_letters_and_roads_of_the_profile_are_known() -> None:
    rules = baseline()
    assert set(LETTERS) == WORDS["ladder"] and set(LETTERS) < set(rules["letters"])
    assert set(rules["side_roads"]) == PARKED
    assert {
        code for code, said in rules["side_roads"].items() if "longest_days" in said
    } == WITH_TERM


@pytest.mark.parametrize("kind", Kind.values)
def test_a_kind_has_a_deadline_in_the_baseline(kind: str) -> None:
    rules = baseline()["steps"]
    keys = [f"follow_up_{n}" for n in FOLLOW_UP_DAYS] if kind == Kind.FOLLOW_UP else [kind]
    for key in keys:
        assert rules[key]["unit"] in UNITS
        assert rules[key]["from"] in WORDS["from"] and rules[key]["budget"] >= 0


def test_the_baseline_has_no_deadline_for_an_unknown_kind() -> None:
    known = {*Kind.values, *(f"follow_up_{n}" for n in FOLLOW_UP_DAYS)}
    for key in baseline()["steps"]:
        kind, _colon, code = key.partition(":")
        assert kind in known and (not code or code in {*LETTERS, *SIDE_ROADS}), key
    assert set(baseline()) == SECTIONS


@pytest.mark.parametrize("kind", Kind.values)
def test_a_role_of_a_kind_may_work_on_steps(kind: str) -> None:
    works = {Can.WORK_STEPS, Can.ANSWER_REFERRALS}
    assert works & CAPABILITIES[KINDS[kind].role]


def test_every_role_stands_in_the_table() -> None:
    assert set(CAPABILITIES) == set(Role.values)
    assert all(CAPABILITIES[role] for role in Role.values)


def test_every_capability_is_somebody_s() -> None:
    """INSPECT is of outside inspectors, who hold no post."""
    assert set(Can) - {Can.INSPECT} == {each for has in CAPABILITIES.values() for each in has}


def test_the_data_administrator_sees_no_case() -> None:
    """Issue point 1: units and people, no case content."""
    assert CAPABILITIES[Role.DATA_ADMIN] == {
        Can.MANAGE_PEOPLE, Can.RESET_CODES, Can.MANAGE_RULES,
    }  # fmt: skip


def test_the_supervisor_only_looks_and_reminds() -> None:
    """Issue point 11: read-only but for the reminder."""
    writes = {Can.WORK_STEPS, Can.DECIDE_FINDINGS, Can.OPEN_SUSPICION, Can.REASSIGN, Can.IMPORT}
    assert not CAPABILITIES[Role.COUNTY_SUPERVISOR] & writes


def test_every_open_stage_says_what_lies_ahead() -> None:
    assert set(story.AHEAD) == set(Stage.values) - {Stage.CLOSED, Stage.CANCELLED}


def test_a_demo_case_reaches_every_kind() -> None:
    """conventions.md 29: the demo's stories play every kind of step."""
    files = ("stories.py", "teller.py")
    source = "".join((ROOT / "workflows" / "demo" / each).read_text("utf-8") for each in files)
    assert STORIES
    broken = {Kind.REPAIR}  # begun only when the engine lost a turn
    assert [k.name for k in set(Kind) - broken if f"Kind.{k.name}" not in source] == []


def test_papers_take_what_the_facts_give() -> None:
    """A paper that no step makes would be dead; one that a step makes has a section to hold its values."""
    made = {code for spec in KINDS.values() for code in (*spec.papers, spec.extract) if code}
    assert made.union(*OF_THEIR_MATTER.values()) == set(VALUES)
    assert "case_no" in COMMON


def test_every_icon_of_the_templates_is_in_the_sprite() -> None:
    import re

    sprite = ElementTree.parse(ROOT / "static" / "vendor" / "icons.svg")
    there = {each.get("id") for each in sprite.iter() if each.get("id")}
    used = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([a-z0-9-]+)"', path.read_text("utf-8"))
    }
    assert used and used <= there


def patterns(resolver: Any = None) -> Iterator[URLPattern]:
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLPattern):
            yield each
        else:
            yield from patterns(each)


# Pages without sign-in, each with its reason.
PUBLIC = {
    "SignIn": "the sign-in itself",
    "SignOut": "ends a session; without one it changes nothing",
    "SetPassword": "before a password is set no other page opens; it asks for a session itself",
    "FeedFile": "a calendar program has no session: the secret address opens it, and shows no name",
    "VerifyPaper": "a stranger checks a paper by its random token; nothing personal is shown",
    "EmptyForm": "the code of an empty form leads here; it says which form, and nothing about anyone",
    "GiveTip": "anybody may say that a child is not at school; it reads nothing out",
    "AskTip": "whether a tip was looked at, by its number; nothing else",
    "Anchors": "hashes over everything, to compare an evidence file with; nothing personal is shown",
}


def test_every_page_says_who_may_open_it() -> None:
    """conventions.md 18."""
    views = [p.callback.view_class for p in patterns() if hasattr(p.callback, "view_class")]
    assert len(views) > 30
    without = {
        view.__name__
        for view in views
        if not (issubclass(view, Page) and hasattr(view, "capability"))
    }
    assert without == set(PUBLIC)


def test_pages_for_everybody_are_few() -> None:
    views = {p.callback.view_class for p in patterns() if hasattr(p.callback, "view_class")}
    assert {v.__name__ for v in views if getattr(v, "capability", 0) is None} == {
        "Notices", "OpenNotice", "ChannelsPage",
    }  # fmt: skip


def test_the_engine_s_own_pages_are_not_mounted() -> None:
    assert not [p for p in patterns() if p.callback.__module__.startswith("viewflow")]


def test_the_engine_adds_no_middleware(settings: Any) -> None:
    """engine.md 5: `AUTOREGISTER: False`; our middleware is what the settings list."""
    from casework import settings as written

    assert settings.VIEWFLOW == {"AUTOREGISTER": False}
    assert list(settings.MIDDLEWARE) == written.MIDDLEWARE
    assert not [name for name in settings.MIDDLEWARE if "viewflow" in name]


def test_no_model_of_a_child_is_in_the_admin(settings: Any) -> None:
    assert "django.contrib.admin" not in settings.INSTALLED_APPS


@pytest.mark.django_db
def test_no_migration_is_pending() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
