"""The digital level: indicator sets → points, scenarios, level, gaps and the shortest way.

Pure Python: no Django, no database, no clock, no network. A page needs little of it:

    indicators = shipped_sets()["2024-manufacturing"]
    sheet = parse_answers(indicators, saved)               # AnswerError names item and remedy
    sheet = with_answer(indicators, sheet, "q2", "35.5")   # one question at a time
    result = grade(indicators, sheet)                      # bounds while items are unanswered
    way = shortest_way(indicators, sheet)                  # to the next level, exactly

``docs/indicator-sets.md`` says how a set is written or imported.
"""

from .answers import (
    Answer,
    AnswerError,
    Answers,
    DifferentSetsError,
    GradingError,
    Picked,
    Rate,
    Reached,
    Scored,
    parse_answer,
    parse_answers,
    with_answer,
)
from .columns import encode, grade_columns, sheet_schema
from .compare import Comparison, SetMapping, compare, same_figures
from .doubts import Doubt, Limits, identical_sheets, jump_without_spend, self_far_from_onsite
from .gaps import Missing, NoSuchLevelError, missing
from .grade import grade
from .importing import figure_differences, import_set
from .loading import dump_set, json_schema, load_set, read_set, shipped_sets
from .model import IndicatorSet, SetRef, show_milli
from .result import Bounds, Result
from .way import Change, CostError, Costs, NoWay, Way, shortest_way

__all__ = [
    "Answer",
    "AnswerError",
    "Answers",
    "Bounds",
    "Change",
    "Comparison",
    "CostError",
    "Costs",
    "DifferentSetsError",
    "Doubt",
    "GradingError",
    "IndicatorSet",
    "Limits",
    "Missing",
    "NoSuchLevelError",
    "NoWay",
    "Picked",
    "Rate",
    "Reached",
    "Result",
    "Scored",
    "SetMapping",
    "SetRef",
    "Way",
    "compare",
    "dump_set",
    "encode",
    "figure_differences",
    "grade",
    "grade_columns",
    "identical_sheets",
    "import_set",
    "json_schema",
    "jump_without_spend",
    "load_set",
    "missing",
    "parse_answer",
    "parse_answers",
    "read_set",
    "same_figures",
    "self_far_from_onsite",
    "sheet_schema",
    "shipped_sets",
    "shortest_way",
    "show_milli",
    "with_answer",
]
