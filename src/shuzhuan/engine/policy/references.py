"""Names that point elsewhere in the pack, and names that must not repeat.

Works on the plain values, not on the forms, so that one mistake in a clause does not
make every mention of that clause a mistake too. Whatever has the wrong shape is
passed over here; the forms have already said so.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from .errors import Problem
from .places import describe
from .source import Document, Path, Plain

Found = list[tuple[str, Path, Problem]]
Step = str | int
_MAX_LISTED = 8


@dataclass(frozen=True, slots=True)
class _Unique:
    """Entries of one list whose ``key`` must differ."""

    file: str
    pattern: tuple[str, ...]
    key: str
    noun: str


# "*" stands for every entry of a list. The last "*" is the entry itself.
_UNIQUE = (
    _Unique("facts.yaml", ("facts", "*"), "key", "事实"),
    _Unique("common/facts.yaml", ("facts", "*"), "key", "事实"),
    _Unique("facts.yaml", ("facts", "*", "fields", "*"), "key", "字段"),
    _Unique("clauses.yaml", ("clauses", "*"), "id", "条款"),
    _Unique("clauses.yaml", ("clauses", "*", "instalments", "*"), "name", "分期"),
    _Unique("clauses.yaml", ("clauses", "*", "shares", "parts", "*"), "party", "分担方"),
    _Unique("clauses.yaml", ("clauses", "*", "shares", "floors", "*"), "party", "最低承担"),
    _Unique("pack.yaml", ("conditions", "*"), "id", "条件组"),
    _Unique("pack.yaml", ("conditions", "*", "all", "*"), "id", "条件"),
    _Unique("pack.yaml", ("params", "*"), "name", "参数"),
    _Unique("pack.yaml", ("readings", "*"), "id", "口径"),
    _Unique("pack.yaml", ("readings", "*", "options", "*"), "id", "选项"),
    _Unique("pack.yaml", ("stacking", "*"), "id", "叠加规则"),
    _Unique("pack.yaml", ("funds", "*"), "id", "资金规定"),
    _Unique("process.yaml", ("steps", "*"), "id", "步骤"),
    _Unique("process.yaml", ("reviews", "*"), "id", "审核"),
    _Unique("process.yaml", ("publicity", "*"), "id", "公示"),
    _Unique("process.yaml", ("time_limits", "*"), "id", "时限"),
    _Unique("process.yaml", ("papers", "*"), "id", "材料"),
    _Unique("process.yaml", ("rules", "*"), "id", "规定"),
    _Unique("targets.yaml", ("tables", "*"), "id", "目标表"),
    _Unique("targets.yaml", ("tables", "*", "columns", "*"), "id", "列"),
    _Unique("targets.yaml", ("tables", "*", "rows", "*"), "id", "行"),
    _Unique("targets.yaml", ("goals", "*"), "id", "目标"),
    _Unique("budget.yaml", ("sources", "*"), "id", "来源"),
    _Unique("budget.yaml", ("rules", "*"), "id", "规定"),
    _Unique("budget.yaml", ("lines", "*"), "id", "预算行"),
    _Unique("budget.yaml", ("subtotals", "*"), "group", "小计"),
    _Unique("workplan.yaml", ("phases", "*"), "id", "阶段"),
    _Unique("workplan.yaml", ("tasks", "*"), "no", "任务"),
    _Unique("cases.yaml", ("cases", "*"), "name", "用例"),
    _Unique("cases.yaml", ("cases", "*", "expect", "*"), "clause", "预期"),
)


@dataclass(frozen=True, slots=True)
class _Link:
    """Values (or with ``@`` at the end of the pattern, keys) that must name something known."""

    file: str
    pattern: tuple[str, ...]
    target: str


_LINKS = (
    _Link("clauses.yaml", ("clauses", "*", "requires", "*"), "groups"),
    _Link("clauses.yaml", ("clauses", "*", "budget", "*"), "lines"),
    _Link("pack.yaml", ("readings", "*", "clause"), "clauses"),
    _Link("pack.yaml", ("stacking", "*", "clauses", "*"), "clauses"),
    _Link("budget.yaml", ("lines", "*", "clauses", "*"), "clauses"),
    _Link("budget.yaml", ("lines", "*", "amounts", "@"), "sources"),
    _Link("budget.yaml", ("lines", "*", "printed", "@"), "printed"),
    _Link("budget.yaml", ("lines", "*", "lends_to", "*"), "lines"),
    _Link("budget.yaml", ("subtotals", "*", "amounts", "@"), "sources"),
    _Link("budget.yaml", ("subtotals", "*", "printed", "@"), "printed"),
    _Link("budget.yaml", ("subtotals", "*", "group"), "budget_groups"),
    _Link("budget.yaml", ("printed", "@"), "printed"),
    _Link("cases.yaml", ("cases", "*", "readings", "@"), "readings"),
    _Link("cases.yaml", ("cases", "*", "facts", "@"), "facts"),
    _Link("cases.yaml", ("cases", "*", "expect", "*", "clause"), "clauses"),
    _Link("cases.yaml", ("cases", "*", "expect", "*", "missing", "*"), "facts"),
)

# What a target is called, the file and the lists that declare it.
_TARGETS: dict[str, tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "groups": ("条件组", (("pack.yaml", ("conditions", "*", "id")),)),
    "clauses": ("条款", (("clauses.yaml", ("clauses", "*", "id")),)),
    "readings": ("口径", (("pack.yaml", ("readings", "*", "id")),)),
    "lines": ("预算行", (("budget.yaml", ("lines", "*", "id")),)),
    "sources": ("资金来源", (("budget.yaml", ("sources", "*", "id")),)),
    "printed": ("资金来源", (("budget.yaml", ("sources", "*", "id")),)),
    "budget_groups": ("方向", (("budget.yaml", ("lines", "*", "group")),)),
    "facts": (
        "事实",
        (
            ("facts.yaml", ("facts", "*", "key")),
            ("common/facts.yaml", ("facts", "*", "key")),
        ),
    ),
}
_GROUPS: Path = ("conditions",)
_OPTIONAL_FILES = frozenset({"budget.yaml"})


class References:
    """Checks across the files of one pack; ``documents`` maps file name → document.

    ``doubtful`` are the (file, path) with a mistake already: what they declare is not
    known, so nobody is blamed for mentioning it.
    """

    def __init__(
        self, documents: Mapping[str, Document], doubtful: Collection[tuple[str, Path]] = ()
    ) -> None:
        self.documents = documents
        self.doubtful = doubtful
        self.found: Found = []

    def check(self) -> Found:
        for rule in _UNIQUE:
            self._unique(rule)
        # Whoever wrote a name twice meant another name once; mentions of it are not mistakes.
        self.doubtful = {*self.doubtful, *((file, path) for file, path, _ in self.found)}
        for link in _LINKS:
            self._link(link)
        self._facts_not_common()
        for path, clause in self._entries("clauses.yaml", ("clauses", "*")):
            self._clause(path, clause)
        self._readings()
        self._stacking()
        self._tables()
        self._lending()
        self._papers()
        self._cases()
        return self.found

    # Repeated names -----------------------------------------------------------------

    def _unique(self, rule: _Unique) -> None:
        groups: dict[Path, list[tuple[Path, Plain]]] = {}
        for path, entry in self._entries(rule.file, rule.pattern):
            groups.setdefault(path[:-1], []).append(((*path, rule.key), entry.get(rule.key)))
        for entries in groups.values():
            self._no_repeats(rule.file, entries, rule.noun)

    def _no_repeats(self, file: str, entries: list[tuple[Path, Plain]], noun: str) -> None:
        first: dict[str, Path] = {}
        for path, name in entries:
            if not isinstance(name, str):
                continue
            if name in first:
                line = self.documents[file].at(first[name]).line
                message = f"{noun} {name} 重复，第 {line} 行已经有了"
                self._note(file, path, message, "改名，或删去一个")
            else:
                first[name] = path

    def _facts_not_common(self) -> None:
        common = self._names("common/facts.yaml", ("facts", "*", "key")) or set()
        for path, fact in self._entries("facts.yaml", ("facts", "*")):
            key = fact.get("key")
            if isinstance(key, str) and key in common:
                hint = "删去这一项直接使用，或换一个 key"
                self._note("facts.yaml", (*path, "key"), f"{key} 是通用事实，不能再声明", hint)

    # Names that must exist ------------------------------------------------------------

    def _link(self, link: _Link) -> None:
        noun, known = self._target(link.target)
        if known is None:
            return
        extra = {"total"} if link.target == "printed" else set()
        for path, name in self._values(link.file, link.pattern):
            if isinstance(name, str) and name not in known | extra:
                self._unknown(link.file, path, noun, name, known | extra)
        if link.target in ("clauses", "lines", "groups") and link.pattern[-1] == "*":
            groups: dict[Path, list[tuple[Path, Plain]]] = {}
            for path, name in self._values(link.file, link.pattern):
                groups.setdefault(path[:-1], []).append((path, name))
            for entries in groups.values():
                self._no_repeats(link.file, entries, noun)

    def _target(self, target: str) -> tuple[str, set[str] | None]:
        """Known names, or None when a file that declares them could not be read."""
        noun, sources = _TARGETS[target]
        known: set[str] = set()
        for file, pattern in sources:
            names = self._names(file, pattern)
            if names is None:
                return noun, None
            known |= names
        return noun, known

    def _unknown(self, file: str, path: Path, noun: str, name: str, known: set[str]) -> None:
        near = difflib.get_close_matches(name, known, n=1)
        if near:
            hint = f"是否想写 {near[0]}？"
        elif not known:
            hint = f"这个包没有{noun}，先声明，或删去这一项"
        elif len(known) <= _MAX_LISTED:
            hint = f"可写：{'、'.join(sorted(known))}"
        else:
            hint = f"先声明这个{noun}，或改用已有的"
        is_key = bool(path) and path[-1] == name
        self._note(file, path, f"没有{noun} {name}", hint, key=is_key)

    # Inside one clause -----------------------------------------------------------------

    def _clause(self, path: Path, clause: dict[str, Plain]) -> None:
        self._conditions_of(path, clause)
        shared = self._names("pack.yaml", ("params", "*", "name")) or set()
        named: list[tuple[Path, Plain]] = []
        for key in ("params", "let"):
            for entry_path, entry in self._below("clauses.yaml", (*path, key), ("*",)):
                if isinstance(entry, dict):
                    named.append(((*entry_path, "name"), entry.get("name")))
        for name_path, name in named:
            if isinstance(name, str) and name in shared:
                self._note("clauses.yaml", name_path, f"{name} 与全包共用的参数重名", "换一个名字")
        self._no_repeats("clauses.yaml", named, "名字")
        shares = clause.get("shares")
        if isinstance(shares, dict):
            self._shares((*path, "shares"))

    def _conditions_of(self, path: Path, clause: dict[str, Plain]) -> None:
        """Condition ids are told apart within a clause, those of its groups included."""
        required = clause.get("requires")
        wanted = required if isinstance(required, list) else []
        taken: dict[str, str] = {}
        for _, group in self._entries("pack.yaml", ("conditions", "*")):
            conditions = group.get("all")
            if group.get("id") in wanted and isinstance(conditions, list):
                ids = [c.get("id") for c in conditions if isinstance(c, dict)]
                for name in ids:
                    if isinstance(name, str):
                        taken.setdefault(name, str(group.get("id")))
        own: list[tuple[Path, Plain]] = []
        for key in ("when", "checks"):
            for entry_path, entry in self._below("clauses.yaml", (*path, key), ("*",)):
                if isinstance(entry, dict):
                    own.append(((*entry_path, "id"), entry.get("id")))
        for id_path, name in own:
            if isinstance(name, str) and name in taken:
                message = f"条件 {name} 与条件组 {taken[name]} 里的重名"
                self._note("clauses.yaml", id_path, message, "换一个 id")
        self._no_repeats("clauses.yaml", own, "条件")

    def _shares(self, path: Path) -> None:
        parties = {
            name
            for _, name in self._below("clauses.yaml", path, ("parts", "*", "party"))
            if isinstance(name, str)
        }
        if self._has_mistake("clauses.yaml", (*path, "parts")):
            return
        for pattern in (("remainder",), ("floors", "*", "party")):
            for name_path, name in self._below("clauses.yaml", path, pattern):
                if isinstance(name, str) and name not in parties:
                    self._unknown("clauses.yaml", name_path, "分担方", name, parties)

    # Other files -----------------------------------------------------------------------

    def _readings(self) -> None:
        for path, reading in self._entries("pack.yaml", ("readings", "*")):
            options = self._strings("pack.yaml", path, ("options", "*", "id"))
            default = reading.get("default")
            if self._has_mistake("pack.yaml", (*path, "options")):
                continue
            if isinstance(default, str) and options and default not in options:
                self._unknown("pack.yaml", (*path, "default"), "选项", default, options)

    def _stacking(self) -> None:
        paying = {
            clause.get("id")
            for path, clause in self._entries("clauses.yaml", ("clauses", "*"))
            if "amount" in clause or self._has_mistake("clauses.yaml", path)
        }
        known = self._names("clauses.yaml", ("clauses", "*", "id")) or set()
        for path, name in self._values("pack.yaml", ("stacking", "*", "clauses", "*")):
            if isinstance(name, str) and name in known and name not in paying:
                self._note("pack.yaml", path, f"条款 {name} 没有金额，不能叠加", "从这里删去")

    def _tables(self) -> None:
        for path, table in self._entries("targets.yaml", ("tables", "*")):
            columns, rows = table.get("columns"), table.get("rows")
            count = len(columns) if isinstance(columns, list) else 0
            for index, row in enumerate(rows if isinstance(rows, list) else ()):
                values = row.get("values") if isinstance(row, dict) else None
                if isinstance(values, list) and count and len(values) != count:
                    message = f"有 {len(values)} 个数，表有 {count} 列"
                    place = (*path, "rows", index, "values")
                    self._note("targets.yaml", place, message, "逐列补齐，没有数的写 null")
            known = self._strings("targets.yaml", path, ("columns", "*", "id"))
            if self._has_mistake("targets.yaml", (*path, "columns")):
                continue
            for pattern in (("sums", "*", "total"), ("sums", "*", "parts", "*")):
                for name_path, name in self._below("targets.yaml", path, pattern):
                    if isinstance(name, str) and name not in known:
                        self._unknown("targets.yaml", name_path, "列", name, known)

    def _lending(self) -> None:
        for path, line in self._entries("budget.yaml", ("lines", "*")):
            for name_path, name in self._below("budget.yaml", path, ("lends_to", "*")):
                if name == line.get("id"):
                    self._note("budget.yaml", name_path, "不能调剂给自己", "删去这一项")

    def _papers(self) -> None:
        """A paper may be named freely in Chinese; a word in ASCII is meant as an id."""
        known = self._names("process.yaml", ("papers", "*", "id")) or set()
        for path, name in self._values("process.yaml", ("steps", "*", "papers", "*")):
            if isinstance(name, str) and name.isascii() and name not in known:
                self._unknown("process.yaml", path, "材料", name, known)

    def _cases(self) -> None:
        options = {
            str(reading.get("id")): self._strings("pack.yaml", path, ("options", "*", "id"))
            for path, reading in self._entries("pack.yaml", ("readings", "*"))
        }
        for path, case in self._entries("cases.yaml", ("cases", "*")):
            chosen = case.get("readings")
            for name, option in chosen.items() if isinstance(chosen, dict) else ():
                known = options.get(name)
                if known and isinstance(option, str) and option not in known:
                    place = (*path, "readings", name)
                    self._unknown("cases.yaml", place, "选项", option, known)
            for expect_path, entry in self._below("cases.yaml", path, ("expect", "*")):
                if isinstance(entry, dict):
                    self._because(expect_path, entry)

    def _because(self, path: Path, entry: dict[str, Plain]) -> None:
        known = self._condition_ids(entry.get("clause"))
        for name_path, name in self._below("cases.yaml", path, ("because", "*")):
            if known is not None and isinstance(name, str) and name not in known:
                self._unknown("cases.yaml", name_path, "条件", name, known)
        parties = self._party_ids(entry.get("clause"))
        for name_path, name in self._below("cases.yaml", path, ("shares", "@")):
            if parties is not None and isinstance(name, str) and name not in parties:
                self._unknown("cases.yaml", name_path, "分担方", name, parties)

    def _condition_ids(self, clause_id: Plain) -> set[str] | None:
        """Ids of all conditions of a clause, those of its groups included."""
        for path, clause in self._entries("clauses.yaml", ("clauses", "*")):
            if clause.get("id") != clause_id:
                continue
            doubts = [("clauses.yaml", (*path, key)) for key in ("when", "checks", "requires")]
            if any(self._has_mistake(*doubt) for doubt in [*doubts, ("pack.yaml", _GROUPS)]):
                return None
            known = self._strings("clauses.yaml", path, ("when", "*", "id"))
            known |= self._dated_conditions("clauses.yaml", path) | self._dated_conditions(
                "pack.yaml"
            )
            known |= self._strings("clauses.yaml", path, ("checks", "*", "id"))
            required = self._strings("clauses.yaml", path, ("requires", "*"))
            for group_path, group in self._entries("pack.yaml", ("conditions", "*")):
                if group.get("id") in required:
                    known |= self._strings("pack.yaml", group_path, ("all", "*", "id"))
            return known
        return None

    def _dated_conditions(self, file: str, path: Path = ()) -> set[str]:
        """A parameter dated by a fact brings a condition: the date is not before its first value."""
        return {
            f"{param.get('name')}_from"
            for _, param in self._below(file, path, ("params", "*"))
            if isinstance(param, dict) and "on" in param
        }

    def _party_ids(self, clause_id: Plain) -> set[str] | None:
        for path, clause in self._entries("clauses.yaml", ("clauses", "*")):
            if clause.get("id") == clause_id:
                if self._has_mistake("clauses.yaml", (*path, "shares")):
                    return None
                return self._strings("clauses.yaml", path, ("shares", "parts", "*", "party"))
        return None

    # Reading plain values --------------------------------------------------------------

    def _entries(
        self, file: str, pattern: tuple[str, ...]
    ) -> Iterator[tuple[Path, dict[str, Plain]]]:
        for path, value in self._values(file, pattern):
            if isinstance(value, dict):
                yield path, value

    def _values(self, file: str, pattern: tuple[str, ...]) -> Iterator[tuple[Path, Plain]]:
        yield from self._below(file, (), pattern)

    def _below(
        self, file: str, path: Path, pattern: tuple[str, ...]
    ) -> Iterator[tuple[Path, Plain]]:
        document = self.documents.get(file)
        if document is not None:
            yield from _match(document.get(path), path, pattern)

    def _strings(self, file: str, path: Path, pattern: tuple[str, ...]) -> set[str]:
        return {v for _, v in self._below(file, path, pattern) if isinstance(v, str)}

    def _names(self, file: str, pattern: tuple[str, ...]) -> set[str] | None:
        """All names that match; None when there may be more, in a place with a mistake."""
        document = self.documents.get(file)
        if document is None:
            return set() if file in _OPTIONAL_FILES else None
        if document.plain is None or self._in_doubt(file, pattern):
            return None
        return self._strings(file, (), pattern)

    def _has_mistake(self, file: str, path: Path) -> bool:
        return any(name == file and p[: len(path)] == path for name, p in self.doubtful)

    def _in_doubt(self, file: str, pattern: tuple[str, ...]) -> bool:
        """Whether a mistake stands at, or above, something that matches."""
        return any(
            name == file
            and len(path) <= len(pattern)
            and all(
                step == wanted or (wanted == "*" and isinstance(step, int))
                for step, wanted in zip(path, pattern, strict=False)
            )
            for name, path in self.doubtful
        )

    def _note(self, file: str, path: Path, message: str, hint: str, key: bool = False) -> None:
        """``key``: the mistake is the key at ``path``, not its value."""
        document = self.documents[file]
        position = document.at_key(path) if key else document.at(path)
        self.found.append((file, path, Problem(position, describe(document, path), message, hint)))


def _match(value: Plain, path: Path, pattern: tuple[str, ...]) -> Iterator[tuple[Path, Plain]]:
    if not pattern:
        yield path, value
        return
    step, rest = pattern[0], pattern[1:]
    if step == "*" and isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _match(entry, (*path, index), rest)
    elif step == "@" and isinstance(value, dict):
        for name in value:
            yield (*path, name), name
    elif isinstance(value, dict) and step in value:
        yield from _match(value[step], (*path, step), rest)
