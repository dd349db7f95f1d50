"""The days of a pilot and of its batches against the cycle that the pack sets (试点周期)."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import ValidationError

from shuzhuan.apps.pilots.models import Pilot
from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.process import Parameters, ProcessError, parameters_of


def check(parameters: Parameters, starts_on: date, day: date, field: str, what: str) -> None:
    """Refuse a last day behind the cycle. Raises ValidationError with the clause.

    Where the document names no cycle nothing is refused.
    """
    last = parameters.cycle_ends(starts_on)
    if parameters.cycle_named and day > last:
        raise ValidationError(
            {field: f"{_cycle(parameters)}，从{starts_on}起到{last}为止，{what}不能更晚。"}
        )


def remark(pilot: Pilot) -> str:
    """How the days of a pilot differ from the cycle; empty when they fit, or none is named.

    Longer ones are of before they were compared. A cycle may be counted with its first day.
    """
    try:
        parameters = parameters_of(Library.load().get(pilot.pack))
    except (KeyError, ProcessError):
        return ""
    last = parameters.cycle_ends(pilot.starts_on)
    if not parameters.cycle_named or last - timedelta(1) <= pilot.ends_on <= last:
        return ""
    if pilot.ends_on > last:
        return (
            f"试点截止日期{pilot.ends_on}晚于试点周期的最后一天{last}。{_cycle(parameters)}："
            f"{last}以后不再受理申报和验收申请。"
        )
    return (
        f"试点截止日期{pilot.ends_on}早于试点周期的最后一天{last}。{_cycle(parameters)}："
        f"申报受理到{pilot.ends_on}为止，已入库的项目最迟{last}申请验收。"
    )


def _cycle(parameters: Parameters) -> str:
    return f"试点周期是{parameters.cycle_months}个月（{parameters.cycle_cite}）"
