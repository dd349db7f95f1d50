"""Pack source → Program: every formula checked and bound to a day, readings and fixed facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from . import dates
from .check import BROKEN, ConsequenceError, Scope, elaborate
from .errors import PackError, Problem
from .operations import choice, compare, constant, same
from .program import Clause, Condition, Instalment, Program, Shares, StackingRule
from .syntax import FormulaError
from .tree import BOOL, MONEY, Named, Node, facts_of, walk

if TYPE_CHECKING:
    from .pack import Pack

_PLACE = re.compile(r"\{([^{}]*)\}")
Where = tuple[str, tuple[str | int, ...]]  # file, path inside it


class BindError(ValueError):
    """The pack is sound but cannot be used for the day or readings asked for; Chinese message."""


class Binder:
    """One pass over a pack. Collects every problem instead of stopping at the first."""

    def __init__(
        self,
        pack: Pack,
        as_of: date,
        known_on: date,
        chosen: Mapping[str, str],
        fixed: Mapping[str, int] | None = None,
        every_value: bool = False,
    ) -> None:
        self._pack, self._source = pack, pack.source
        self._as_of, self._known_on, self._chosen = as_of, known_on, chosen
        self._fixed = fixed or {}
        self._every_value = every_value  # also check values that this day does not use
        self._guards: dict[int, Condition] = {}
        self._uses: dict[int, dict[str, None]] = {}  # readings behind a parameter
        self._group_uses: dict[str, dict[str, None]] = {}  # and behind a group of conditions
        self.groups: Mapping[str, tuple[Condition, ...]] = {}  # by ``program``
        self.problems: list[Problem] = []

    # -- scopes -----------------------------------------------------------------

    def _scope(self, names: dict[str, Node], used: dict[str, None] | None = None) -> Scope:
        """What formulas may name; readings that they use are noted in ``used``."""
        options = {r: tuple(o) for r, o in self._pack.readings.items()}
        return Scope(
            self._pack.facts,
            names,
            options,
            self._chosen,
            dates.days(self._as_of),
            self._fixed,
            readings_used={} if used is None else used,
            uses=self._uses,
        )

    @contextmanager
    def _noting(self, where: Where, name: str) -> Iterator[None]:
        """Turn a FormulaError into a Problem with file, line and column."""
        try:
            yield
        except ConsequenceError:
            pass  # what it follows from has been noted
        except FormulaError as error:
            position = self._source.at(where[0], *where[1], offset=error.offset)
            self.problems.append(Problem(position, name, error.message, error.hint))

    def _formula(self, text: str, scope: Scope, want: Any, where: Where, name: str) -> Node | None:
        node: Node | None = None
        with self._noting(where, name):
            node = elaborate(self._pack.parsed(text), scope, want)
        return node

    # -- the pack ----------------------------------------------------------------

    def program(self) -> Program:
        """The bound program. Raises PackError with all problems."""
        source, pack = self._source, self._pack
        names: dict[str, Node] = {}
        self._params(source.pack.params, names, ("pack.yaml", ("params",)), "")
        groups = {
            group.id: self._conditions(
                group.all,
                names,
                ("pack.yaml", ("conditions", at, "all")),
                f"条件组 {group.id}",
                self._group_uses.setdefault(group.id, {}),
            )
            for at, group in enumerate(source.pack.conditions)
        }
        self.groups = groups
        clauses = tuple(
            clause
            for at, model in enumerate(source.clauses)
            if (clause := self._clause(at, model, names, groups)) is not None
        )
        stacking = tuple(
            self._stacking(at, rule, names) for at, rule in enumerate(source.pack.stacking)
        )
        if self.problems:
            raise PackError(sorted(self.problems, key=lambda p: p.position))
        return Program(
            pack.id,
            pack.version,
            pack.digest,
            self._as_of,
            self._known_on,
            dict(self._chosen),
            clauses,
            stacking,
            pack.facts,
            self._notices(),
            pack.option_labels,
        )

    def _notices(self) -> tuple[str, ...]:
        document = self._source.pack.document
        notices = []
        if document.status == "征求意见":
            notices.append(f"《{document.title}》是征求意见稿，尚未正式施行，结果仅供参考。")
        if document.status == "失效":
            notices.append(f"《{document.title}》已失效，结果仅供查考。")
        if document.valid_to is not None and self._as_of > document.valid_to:
            notices.append(
                f"本文件有效期至{dates_cn(document.valid_to)}，测算日期{dates_cn(self._as_of)}已超过有效期。"
            )
        if document.valid_from is not None and self._as_of < document.valid_from:
            notices.append(
                f"本文件自{dates_cn(document.valid_from)}起施行，测算日期{dates_cn(self._as_of)}尚未施行。"
            )
        return tuple(notices)

    # -- parameters -----------------------------------------------------------------

    def _params(
        self, params: Sequence[Any], names: dict[str, Node], where: Where, owner: str
    ) -> None:
        for at, param in enumerate(params):
            here = (where[0], (*where[1], at))
            name = f"{owner}params › {param.name}"
            if param.name in names:
                position = self._source.at(*_flat(here), "name")
                self.problems.append(
                    Problem(position, name, f"{param.name} 已经用过", "请换一个名字")
                )
                continue
            used: dict[str, None] = {}
            node = self._param(param, names, used, here, name)
            names[param.name] = BROKEN if node is None else node
            if node is not None:
                self._uses[id(node)] = used

    def _param(
        self, param: Any, names: dict[str, Node], used: dict[str, None], here: Where, name: str
    ) -> Node | None:
        if param.value is not None:
            inner = self._formula(
                param.value, self._scope(names, used), None, _in(here, "value"), name
            )
            return None if inner is None else _named(param.name, param.label, inner)
        known = [
            (i, d)
            for i, d in enumerate(param.dated)
            if d.known is None or d.known <= self._known_on
        ]
        values: list[tuple[date, Node]] = []
        for i, entry in enumerate(param.dated):
            if not self._every_value and (i, entry) not in known:
                continue
            place = _in(here, "dated", i, "value")
            value = self._formula(entry.value, self._scope(names, used), None, place, name)
            with self._noting(place, name):
                values += _alike(entry.from_, value, values)
        if not values:
            if not param.dated or self._every_value:
                return None
            raise BindError(f"{name} 在 {self._known_on} 之前还没有任何取值")
        if param.on is not None:
            return self._dated_on(param, values, names, here, name)
        current = [value for start, value in values if start <= self._as_of]
        if not current:
            raise BindError(f"{name} 最早从 {values[0][0]} 起有取值，测算日期 {self._as_of} 太早")
        return _named(param.name, param.label, current[-1])

    def _dated_on(
        self,
        param: Any,
        values: list[tuple[date, Node]],
        names: dict[str, Node],
        here: Where,
        name: str,
    ) -> Node | None:
        """A parameter that depends on a date of the case; before its first value nothing applies."""
        on = self._formula(param.on, self._scope(names), None, _in(here, "on"), name)
        if on is None:
            return None
        node: Named | None = None
        with self._noting(_in(here, "on"), name):
            if on.type.kind != "date":
                raise FormulaError(0, "on 要写一个日期", "如 project.contract_on")
            starts = [constant(dates.days(start), on.type) for start, _ in values]
            tests = [compare("<", on, start, 0) for start in starts[1:]]
            node = _named(param.name, param.label, choice(tests, [v for _, v in values], 0))
            guard = compare(">=", on, starts[0], 0)
            self._guards[id(node)] = Condition(f"{param.name}_from", "", guard)
        return node

    # -- clauses -----------------------------------------------------------------

    def _conditions(
        self, models: Sequence[Any], names: dict[str, Node], where: Where, owner: str,
        used: dict[str, None] | None = None,
    ) -> tuple[Condition, ...]:  # fmt: skip
        result = []
        for at, model in enumerate(models):
            here = (where[0], (*where[1], at))
            name = f"{owner} › {model.id}"
            scope = self._scope(names, used)
            node = self._formula(model.test, scope, BOOL, _in(here, "test"), name)
            for key, text in (("say", model.say), ("fail", model.fail)):
                self._placeholders(text or "", _in(here, key), name)
            if node is not None:
                result.append(
                    Condition(model.id, model.cite or "", node, model.say or "", model.fail or "")
                )
        return tuple(result)

    def _placeholders(self, text: str, where: Where, name: str) -> None:
        for match in _PLACE.finditer(text):
            fact = self._pack.facts.get(match.group(1))
            if fact is None or fact.kind == "list":
                position = self._source.at(where[0], *where[1], offset=match.start())
                message = f"花括号里的 {match.group(1) or '（空）'} 不是可以显示的事实"
                self.problems.append(Problem(position, name, message, "花括号里写事实的 key"))

    def _clause(
        self, at: int, model: Any, shared: Mapping[str, Node],
        groups: Mapping[str, tuple[Condition, ...]],
    ) -> Clause | None:  # fmt: skip
        here: Where = ("clauses.yaml", ("clauses", at))
        owner = f"条款 {model.id}"
        names = dict(shared)
        used: dict[str, None] = {}
        before = len(self.problems)
        self._params(model.params, names, _in(here, "params"), f"{owner} › ")
        own = self._conditions(model.when, names, _in(here, "when"), owner, used)
        checks = self._conditions(model.checks, names, _in(here, "checks"), owner, used)
        self._lets(model, names, here, owner, used)
        amount = self._amount(model, names, here, owner, used)
        if len(self.problems) > before:
            return None
        inherited = [c for group in model.requires for c in groups.get(group, ())]
        for group in model.requires:
            used.update(self._group_uses.get(group, {}))
        conditions = _unique([*inherited, *own, *self._guarding(own, amount)])
        clause = Clause(
            model.id, model.number or "", model.title, model.cite, model.kind, model.payee,
            model.certainty or "exact", conditions, checks, amount, _shares(model.shares),
            self._instalments(model, names, here, owner), tuple(used), tuple(model.notes),
            model.unverified or "",
        )  # fmt: skip
        with self._noting(_in(here, "amount" if amount else "id"), owner):
            try:
                clause.reasons  # noqa: B018 - numbering the reasons is the check
            except ValueError as error:
                raise FormulaError(0, str(error)) from None
        return clause

    def _lets(
        self, model: Any, names: dict[str, Node], here: Where, owner: str, used: dict[str, None]
    ) -> None:
        for at, let in enumerate(model.let):
            scope = self._scope(names, used)
            where = _in(here, "let", at, "value")
            inner = self._formula(let.value, scope, None, where, f"{owner} › let › {let.name}")
            if let.name in names:
                self.problems.append(
                    Problem(
                        self._source.at(*_flat(where)),
                        owner,
                        f"{let.name} 已经用过",
                        "请换一个名字",
                    )
                )
            else:
                named = None if inner is None else _named(let.name, let.label, inner)
                names[let.name] = named or BROKEN

    def _amount(
        self, model: Any, names: dict[str, Node], here: Where, owner: str, used: dict[str, None]
    ) -> Node | None:
        if model.amount is None:
            return None
        scope = self._scope(names, used)
        where, name = _in(here, "amount"), f"{owner} › amount"
        node = self._formula(model.amount, scope, MONEY, where, name)
        with self._noting(where, name):
            if node is not None and node.lo < 0:
                raise FormulaError(0, "金额可能是负数", "请在会变负的地方写 max(…, 0元)")
        return node

    def _guarding(self, own: Sequence[Condition], amount: Node | None) -> list[Condition]:
        """Conditions that dated parameters bring with them."""
        roots = [c.node for c in own] + ([amount] if amount is not None else [])
        nodes = {id(n): n for root in roots for n in walk(root)}
        return [self._guards[key] for key in nodes if key in self._guards]

    def _instalments(
        self, model: Any, names: dict[str, Node], here: Where, owner: str
    ) -> tuple[Instalment, ...]:
        parts = []
        for at, part in enumerate(model.instalments):
            scope, name = self._scope(names), f"{owner} › instalments › {part.name}"
            amount = when = None
            if part.amount is not None:
                amount = self._formula(
                    part.amount, scope, MONEY, _in(here, "instalments", at, "amount"), name
                )
            if part.when is not None:
                when = self._formula(
                    part.when, scope, BOOL, _in(here, "instalments", at, "when"), name
                )
            parts.append(Instalment(part.name, amount, when))
        return tuple(parts)

    def _stacking(self, at: int, rule: Any, names: dict[str, Node]) -> StackingRule:
        limit = None
        if rule.limit is not None:
            where: Where = ("pack.yaml", ("stacking", at, "limit"))
            limit = self._formula(rule.limit, self._scope(names), MONEY, where, f"叠加 {rule.id}")
            with self._noting(where, f"叠加 {rule.id}"):
                if rule.scope == "enterprise" and limit is not None and facts_of(limit):
                    raise FormulaError(
                        0, "同一企业合计的限额不能随一个项目的事实变化", "请写固定的金额"
                    )
        return StackingRule(
            rule.id, rule.rule, tuple(rule.clauses), rule.cite, rule.say, limit, rule.scope
        )


def _alike(
    start: date, value: Node | None, before: Sequence[tuple[date, Node]]
) -> list[tuple[date, Node]]:
    """The value with its first day, of the same type as those before it. Raises FormulaError."""
    if value is None:
        return []
    if before and not same(value.type, before[0][1].type):
        found = f"{value.type.cn}，前面的是{before[0][1].type.cn}"
        raise FormulaError(0, f"这个取值是{found}", "各个取值要同一类型、同一单位")
    return [(start, value)]


def _in(where: Where, *more: str | int) -> Where:
    return where[0], (*where[1], *more)


def _flat(where: Where) -> tuple[Any, ...]:
    return (where[0], *where[1])


def _named(name: str, label: str, inner: Node) -> Named:
    return Named(inner.type, inner.den, inner.lo, inner.hi, name, label, inner)


def _unique(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    found: dict[str, Condition] = {}
    for condition in conditions:
        found.setdefault(condition.id, condition)
    return tuple(found.values())


def _shares(model: Any) -> Shares | None:
    if model is None:
        return None
    parts = tuple((p.party, p.name, p.weight) for p in model.parts)
    floors = {f.party: f.amount for f in model.floors}
    return Shares(model.cite or "", parts, model.remainder, floors)


def dates_cn(value: date) -> str:
    """A date as 2026年5月1日."""
    return f"{value.year}年{value.month}月{value.day}日"
