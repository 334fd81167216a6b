"""The only import of `django_fsm`: the state of a row moves by declared transitions and by nothing else."""

from django_fsm import (
    ConcurrentTransition,
    ConcurrentTransitionMixin,
    FSMField,
    FSMModelMixin,
    TransitionNotAllowed,
    transition,
)

__all__ = [
    "ConcurrentTransition",
    "ConcurrentTransitionMixin",
    "FSMField",
    "FSMModelMixin",
    "TransitionNotAllowed",
    "transition",
]
