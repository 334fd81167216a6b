"""What a stuck case goes on with: the work that broke off, else what its letter, branch or stage says."""

from casework.cases.kinds import Kind, Stage, Track
from casework.cases.models import Case, MatterKind, Step
from casework.cases.side_roads import SIDE_ROADS, Effect
from casework.cases.step_clock import FOLLOW_UP_DAYS, checks_done

OF_STAGE = {
    Stage.SUSPECTED: Kind.REGISTER,
    Stage.VERIFY: Kind.VERIFY,
    Stage.HOME_VISIT: Kind.HOME_VISIT,
    Stage.PERSUASION: Kind.PERSUASION,
}


def next_work(case: Case) -> Kind:
    """The kind of the main step that the case lacks."""
    last: Step | None = case.steps.filter(track=Track.MAIN).order_by("pk").last()
    if last and last.outcome == "overtaken":
        return Kind(last.kind)
    return _of_letter(case) or _of_branch(case) or _of_stage(case)


def _of_letter(case: Case) -> Kind | None:
    letter = case.matters.open().filter(kind=MatterKind.LETTER).first()
    if letter is None:
        return None
    if "served_on" in letter.facts:
        return Kind.ANSWER_LETTER
    return Kind.SERVE_LETTER if "signed_on" in letter.facts else Kind.DRAFT_LETTER


def _of_branch(case: Case) -> Kind | None:
    branch = case.matters.open().filter(parks=True).first()
    if branch is None:
        return None
    looked_at = SIDE_ROADS[branch.code].effect == Effect.PARK
    return Kind.BRANCH_REVIEW if looked_at else Kind.PROPOSE_CLOSURE


def _of_stage(case: Case) -> Kind:
    if case.stage == Stage.FOLLOW_UP:
        left = checks_done(case) < len(FOLLOW_UP_DAYS)
        return Kind.FOLLOW_UP if left else Kind.PROPOSE_CLOSURE
    return OF_STAGE.get(Stage(case.stage), Kind.PERSUASION_LED)
