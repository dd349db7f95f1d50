"""What the form of one item posts, as the JSON value that the engine reads."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.http import QueryDict

from shuzhuan.engine.grading import IndicatorSet

ONE_WAY = "占比、两个数、大概范围，三种填法只用一种，请清空其他的。"


def read_value(indicators: IndicatorSet, item: str, posted: QueryDict) -> object:
    """The value of an item; None when nothing was filled in. Raises ValidationError.

    Names of the fields: ``option`` (repeated for several), ``percent``, ``part``, ``whole``,
    ``points``. Full-width digits and separators of thousands are read as meant.
    """
    question = indicators.question.get(item)
    options = [key for key in posted.getlist("option") if key]
    if question is None:
        return options[0] if options else None
    if question.kind == "multi":
        return options
    if question.kind == "single":
        return options[0] if options else None
    if question.kind == "points":
        return _number(posted, "points") or None
    percent, part, whole = (_number(posted, name) for name in ("percent", "part", "whole"))
    if sum((bool(percent), bool(part or whole), bool(options))) > 1:
        raise ValidationError(ONE_WAY)
    if part or whole:
        return {"part": part, "whole": whole}
    return percent or (options[0] if options else None)


def _number(posted: QueryDict, name: str) -> str:
    text = unicodedata.normalize("NFKC", posted.get(name, ""))
    return "".join(text.split()).replace(",", "")
