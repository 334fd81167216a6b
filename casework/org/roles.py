"""Who may do what: the one table of roles and capabilities (domain.md 3.3)."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    CLASS_TEACHER = "class_teacher", _("class teacher")
    STATUS_OFFICER = "status_officer", _("student-status officer")
    SCHOOL_CASE_OFFICER = "school_case_officer", _("school case officer")
    PRINCIPAL = "principal", _("principal")
    VILLAGE_CADRE = "village_cadre", _("village cadre")
    TOWNSHIP_CASE_OFFICER = "township_case_officer", _("township case officer")
    TOWNSHIP_LEADER = "township_leader", _("township leader")
    TOWNSHIP_LEGAL = "township_legal", _("township legal officer")
    COUNTY_CASE_OFFICER = "county_case_officer", _("county case officer")
    COUNTY_SUPERVISOR = "county_supervisor", _("county supervisor")
    LIAISON = "liaison", _("liaison of a department")
    DATA_ADMIN = "data_admin", _("data administrator")


class Can(StrEnum):
    """A capability. What a person can do, in the units of the posts that give it."""

    SEE_CASES = "see_cases"
    SEE_VILLAGE_CASES = "see_village_cases"
    WORK_STEPS = "work_steps"
    OPEN_SUSPICION = "open_suspicion"
    DECIDE_FINDINGS = "decide_findings"
    IMPORT = "import"
    SEARCH_PUPILS = "search_pupils"
    REVEAL = "reveal"
    SEE_BOARD = "see_board"
    REASSIGN = "reassign"
    NUDGE = "nudge"
    LETTERS = "letters"
    ANSWER_REFERRALS = "answer_referrals"
    SEE_RESTRICTED = "see_restricted"
    CALL_ABSENT = "call_absent"
    CALL_ROLL = "call_roll"
    COMPARE = "compare"
    MOVE_STATUS = "move_status"
    APPROVE_STATUS = "approve_status"
    GRANT_LEAVE = "grant_leave"  # one longer than a class teacher may grant
    EVIDENCE = "evidence"
    MANAGE_PEOPLE = "manage_people"
    RESET_CODES = "reset_codes"
    MANAGE_RULES = "manage_rules"
    REGISTERS = "registers"
    INSPECT = "inspect"  # of outside inspectors alone: no post gives it


MAY_IMPORT = (Can.IMPORT, Can.MANAGE_PEOPLE, Can.COMPARE)  # the page of lists from a file


_WORK = {Can.SEE_CASES, Can.WORK_STEPS, Can.SEARCH_PUPILS, Can.REVEAL}
_OFFICE = _WORK | {
    Can.OPEN_SUSPICION,
    Can.DECIDE_FINDINGS,
    Can.IMPORT,
    Can.SEE_BOARD,
    Can.REASSIGN,
    Can.EVIDENCE,
    Can.RESET_CODES,
    Can.REGISTERS,
    Can.COMPARE,
}

CAPABILITIES: dict[str, frozenset[Can]] = {
    Role.CLASS_TEACHER: frozenset(_WORK | {Can.OPEN_SUSPICION, Can.CALL_ABSENT, Can.CALL_ROLL}),
    Role.STATUS_OFFICER: frozenset(_WORK | {Can.MOVE_STATUS}),
    Role.SCHOOL_CASE_OFFICER: frozenset(
        _OFFICE | {Can.CALL_ABSENT, Can.CALL_ROLL, Can.MOVE_STATUS}
    ),
    Role.PRINCIPAL: frozenset(
        _WORK
        | {
            Can.SEE_BOARD,
            Can.REASSIGN,
            Can.EVIDENCE,
            Can.SEE_RESTRICTED,
            Can.REGISTERS,
            Can.CALL_ROLL,
            Can.GRANT_LEAVE,
            Can.APPROVE_STATUS,
        }
    ),
    Role.VILLAGE_CADRE: frozenset({Can.SEE_VILLAGE_CASES, Can.OPEN_SUSPICION}),
    Role.TOWNSHIP_CASE_OFFICER: frozenset(_OFFICE - {Can.IMPORT} | {Can.LETTERS}),
    Role.TOWNSHIP_LEADER: frozenset(
        {Can.SEE_CASES, Can.WORK_STEPS, Can.SEE_BOARD, Can.NUDGE, Can.LETTERS}
    ),
    Role.TOWNSHIP_LEGAL: frozenset(_WORK | {Can.LETTERS}),
    Role.COUNTY_CASE_OFFICER: frozenset(
        _OFFICE | {Can.MANAGE_RULES, Can.SEE_RESTRICTED, Can.APPROVE_STATUS}
    ),
    Role.COUNTY_SUPERVISOR: frozenset(
        {Can.SEE_CASES, Can.SEARCH_PUPILS, Can.SEE_BOARD, Can.NUDGE, Can.EVIDENCE}
    ),
    Role.LIAISON: frozenset({Can.ANSWER_REFERRALS}),
    Role.DATA_ADMIN: frozenset({Can.MANAGE_PEOPLE, Can.RESET_CODES, Can.MANAGE_RULES}),
}
