"""The five evaluators by place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from tests.oracle import hongsibu, pengyang, quanzhou, yinchuan, zhongning
from tests.oracle.base import OracleResult

Decide = Callable[[Mapping[str, object], date, Mapping[str, str]], OracleResult]

DECIDE: Mapping[str, Decide] = {
    "quanzhou": quanzhou.decide,
    "zhongning": zhongning.decide,
    "pengyang": pengyang.decide,
    "hongsibu": hongsibu.decide,
    "yinchuan": yinchuan.decide,
}
