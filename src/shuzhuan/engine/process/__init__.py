"""How a project lives: one table of transitions, the parameters of a place, the flowchart.

Pure Python. ``TABLE`` says who may do what where; ``Parameters`` (from a pack, frozen on a batch)
say which steps a place has, for how long and with which papers.
"""

from .parameters import (
    HEARING_DAYS,
    OFFICE_DAYS,
    Due,
    Parameters,
    Period,
    ProcessError,
    Step,
    from_json,
    parameters_of,
)
from .states import MAIN_LINE, OVER, PUBLIC_PERIODS, TERMINAL, Lane, State
from .table import BY_ACTION, TABLE, Transition, leaving

__all__ = [
    "BY_ACTION",
    "HEARING_DAYS",
    "MAIN_LINE",
    "OFFICE_DAYS",
    "OVER",
    "PUBLIC_PERIODS",
    "TABLE",
    "TERMINAL",
    "Due",
    "Lane",
    "Parameters",
    "Period",
    "ProcessError",
    "State",
    "Step",
    "Transition",
    "from_json",
    "leaving",
    "parameters_of",
]
