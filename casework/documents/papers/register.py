"""All papers by their code, and the table of what each asks for."""

from collections.abc import Iterator

from casework.documents.papers.declare import Field, Paper, Table
from casework.documents.papers.letters import LETTERS, SERVICE
from casework.documents.papers.meetings import MINUTES, OFFICE_MINUTES
from casework.documents.papers.notices import PARENT_NOTICE, PERSUASION_LETTER
from casework.documents.papers.office import OFFICE
from casework.documents.papers.persuasion import HOME_VISIT, PERSUASION
from casework.documents.papers.record import WORK_RECORD
from casework.documents.papers.reports import ANSWER, DROPOUT_REPORT, WRITTEN_REPORT
from casework.documents.papers.returning import CLOSURE, FOLLOW_UP, RETURN
from casework.documents.papers.side_roads import SIDE_ROADS
from casework.documents.papers.supervision import NOTICE
from casework.documents.papers.suspicion import CONTACT, REGISTRATION, WHEREABOUTS
from casework.documents.papers.talks import ABSENCES, STATEMENT, TALK

PAPERS: dict[str, Paper] = {
    paper.code: paper
    for paper in (
        REGISTRATION,
        CONTACT,
        WHEREABOUTS,
        HOME_VISIT,
        PERSUASION,
        DROPOUT_REPORT,
        WRITTEN_REPORT,
        ANSWER,
        RETURN,
        FOLLOW_UP,
        CLOSURE,
        WORK_RECORD,
        SERVICE,
        *LETTERS,
        *SIDE_ROADS,
        NOTICE,
        MINUTES,
        OFFICE_MINUTES,
        ABSENCES,
        PARENT_NOTICE,
        PERSUASION_LETTER,
        STATEMENT,
        TALK,
        *OFFICE,
    )
}

# What any paper takes beside its own fields; all may be missing.
COMMON = {
    "case_no": "the case number",
    "subtitle": "a line below the title, before the copies",
    "occurred_at": "when it happened: a datetime, a date or a text",
    "recorded_by": "name and post of who typed it in; without it the name of `by`",
    "sign_state": "signed, refused, unsigned by hand; without it: waiting for signatures",
    "signatures": "signer → text printed in the box instead of an empty line, or `strokes` drawn on the screen with `words`",
    "notes": "a list of remarks printed below the frame",
    "attachments": "the photos that belong to it, by the hashes of what came and of the copy, with the moment a photo names",
}


def describe() -> str:
    """A Markdown table of all papers and the keys of their values; `*` must be there, `[]` is a list of dicts."""
    lines = ["| paper | title | keys |", "|---|---|---|"]
    for paper in PAPERS.values():
        keys = ", ".join(_keys(paper))
        lines.append(f"| {paper.code} | {paper.title.zh} {paper.title.en} | {keys} |")
    return "\n".join(lines)


def _keys(paper: Paper) -> Iterator[str]:
    for key, each in paper.fields().items():
        star = "*" if each.required else ""
        if isinstance(each, Table):
            yield f"{key}[]{star}({', '.join(column.key for column in each.columns)})"
        else:
            yield f"{key}{star}:{_kind(each)}"


def _kind(each: Field) -> str:
    return f"choice({'/'.join(each.options)})" if each.options else each.kind
