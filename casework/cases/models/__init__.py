"""What has happened and what is due."""

from casework.cases.models.case import (
    LEGAL,
    WORKING,
    Case,
    CaseQuerySet,
    CaseScope,
    IntakeDecision,
    ScopedQuerySet,
)
from casework.cases.models.census import Census, CensusKind, Counted, SignOff, Whereabouts
from casework.cases.models.clock import (
    Extension,
    LateDecision,
    PauseCause,
    Restatement,
    Suspension,
)
from casework.cases.models.glass import Glass
from casework.cases.models.harm import HarmReport
from casework.cases.models.matter import Matter, MatterKind
from casework.cases.models.procedure import Duty, Procedure, ProcedureCode
from casework.cases.models.step import (
    NEVER_DONE,
    RungFired,
    Step,
    StepDue,
    StepHolder,
    StepQuerySet,
)
from casework.cases.models.visit import Draft, Photo, Sent, SignState, Visit, VisitForm

__all__ = [
    "LEGAL",
    "NEVER_DONE",
    "WORKING",
    "Case",
    "CaseQuerySet",
    "CaseScope",
    "Census",
    "CensusKind",
    "Counted",
    "Draft",
    "Duty",
    "Extension",
    "Glass",
    "HarmReport",
    "IntakeDecision",
    "LateDecision",
    "Matter",
    "MatterKind",
    "PauseCause",
    "Photo",
    "Procedure",
    "ProcedureCode",
    "Restatement",
    "RungFired",
    "ScopedQuerySet",
    "Sent",
    "SignOff",
    "SignState",
    "Step",
    "StepDue",
    "StepHolder",
    "StepQuerySet",
    "Suspension",
    "Visit",
    "VisitForm",
    "Whereabouts",
]
