"""Packs: load a folder, check everything in it once, bind it as often as needed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from . import dates, syntax
from .bind import Binder, BindError
from .documents import PackSource, load_source
from .errors import PackError, Problem
from .facts import FactDef
from .headers import ROOT
from .program import Program

_FAR = date(2099, 12, 31)  # a day on which every dated value is known and one of each is in force
_KEEP = 32  # bound programs kept per pack


class Pack:
    """A pack whose every formula has been checked. ``facts`` are the common and its own."""

    def __init__(self, source: PackSource) -> None:
        self.source = source
        self.id: str = source.pack.id
        self.version: str = source.pack.version
        self.digest: str = source.digest
        self.facts: dict[str, FactDef] = {m.key: fact_def(m) for m in source.facts}
        self.readings: dict[str, tuple[str, ...]] = {
            r.id: tuple(o.id for o in r.options) for r in source.pack.readings
        }
        self.defaults: dict[str, str] = {r.id: r.default for r in source.pack.readings}
        self.option_labels: dict[tuple[str, str], str] = {
            (r.id, o.id): o.label for r in source.pack.readings for o in r.options
        }
        self._parsed: dict[str, syntax.Expr] = {}
        self._bound: OrderedDict[tuple[Any, ...], Program] = OrderedDict()

    @property
    def name(self) -> str:
        """The place's name."""
        return str(self.source.pack.place.name)

    def parsed(self, text: str) -> syntax.Expr:
        """The syntax tree of a formula; each text is parsed once."""
        if text not in self._parsed:
            self._parsed[text] = syntax.parse(text)
        return self._parsed[text]

    def check(self) -> None:
        """Check every formula under every option of every reading. Raises PackError."""
        problems: dict[str, Problem] = {}
        choices = [self.defaults] + [
            {**self.defaults, reading: option}
            for reading, options in self.readings.items()
            for option in options
            if option != self.defaults[reading]
        ]
        for chosen in choices:
            try:
                Binder(self, _FAR, _FAR, chosen, every_value=True).program()
            except PackError as error:
                problems.update((p.text(), p) for p in error.problems)
        if problems:
            raise PackError(sorted(problems.values(), key=lambda p: p.position))

    def bind(
        self,
        as_of: date,
        known_on: date | None = None,
        readings: Mapping[str, str] | None = None,
        fixed: Mapping[str, int] | None = None,
        clauses: Sequence[str] | None = None,
    ) -> Program:
        """The program for a day. ``fixed``: internal values of facts that are the same for all cases.

        ``clauses``: only these, by id, with the stacking among them. Raises BindError for an
        unknown reading or clause, or a day before the first value of a parameter.
        """
        chosen = {**self.defaults, **(readings or {})}
        for reading, option in chosen.items():
            if reading not in self.readings:
                listed = "、".join(self.readings) or "（没有）"
                raise BindError(f"没有 {reading} 这个口径；可选的有 {listed}")
            if option not in self.readings[reading]:
                listed = "、".join(self.readings[reading])
                raise BindError(f"口径 {reading} 没有 {option} 这个选项；可选的有 {listed}")
        known = known_on or as_of
        only = None if clauses is None else frozenset(clauses)
        key = (as_of, known, only, *sorted(chosen.items()), *sorted((fixed or {}).items()))
        if key not in self._bound:
            program = Binder(self, as_of, known, chosen, fixed).program()
            self._bound[key] = program if only is None else _restricted(program, only)
            if len(self._bound) > _KEEP:
                self._bound.popitem(last=False)
        self._bound.move_to_end(key)
        return self._bound[key]


def _restricted(program: Program, only: frozenset[str]) -> Program:
    """The program of some clauses; a rule between clauses that are left out goes with them."""
    strangers = only - {clause.id for clause in program.clauses}
    if strangers:
        raise BindError(f"没有条款 {'、'.join(sorted(strangers))}")
    return replace(
        program,
        clauses=tuple(clause for clause in program.clauses if clause.id in only),
        stacking=tuple(rule for rule in program.stacking if only & set(rule.clauses)),
    )


def fact_def(model: Any) -> FactDef:
    """The engine's form of a declared fact."""
    kind = model.type
    names: dict[int, str] = {}
    codes: tuple[str, ...] = ()
    fields: tuple[FactDef, ...] = ()
    den, lo, hi = 1, 0, 1
    match kind:
        case "int":
            lo, hi, names = model.min, model.max, dict(model.names or {})
        case "money":
            lo, hi = model.min, model.max
        case "ratio":
            den = 10 ** (model.digits + 2)
            lo, hi = int(model.min * den), int(model.max * den)
        case "date":
            lo, hi = dates.days(model.min), dates.days(model.max)
        case "datetime":
            lo, hi = dates.seconds(model.min), dates.seconds(model.max)
        case "enum":
            codes = tuple(model.values)
            names = dict(enumerate(model.values.values()))
            hi = len(codes) - 1
        case "list":
            fields = tuple(fact_def(f) for f in model.fields)
            hi = model.max_items
    return FactDef(
        model.key, model.label, getattr(model, "ask", "") or "", kind, getattr(model, "unit", "") or "",
        lo, hi, den, names, codes, getattr(model, "yes", "") or "", getattr(model, "no", "") or "",
        getattr(model, "source", "") or "", bool(getattr(model, "personal", False)), fields,
    )  # fmt: skip


def load_pack(root: Path, common: Path | None = None) -> Pack:
    """Load and check one pack. Raises PackError with every problem found."""
    pack = Pack(load_source(root, common) if common else load_source(root))
    pack.check()
    return pack


class Library:
    """All packs under one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._packs: dict[str, Pack] = {}

    @classmethod
    def load(cls, root: Path | None = None) -> Library:
        """The library of ``root``; the packs that ship with the product by default."""
        return _library(root or ROOT)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Folder names of the packs, sorted; nothing is read yet."""
        return tuple(sorted(p.parent.name for p in self.root.glob("*/pack.yaml")))

    def get(self, place: str) -> Pack:
        """One pack, loaded at first use. Raises KeyError, PackError."""
        if place not in self._packs:
            if place not in self.ids:
                raise KeyError(place)
            self._packs[place] = load_pack(self.root / place)
        return self._packs[place]

    @property
    def places(self) -> dict[str, Pack]:
        """All packs by id."""
        return {place: self.get(place) for place in self.ids}


@lru_cache(maxsize=8)
def _library(root: Path) -> Library:
    return Library(root)
