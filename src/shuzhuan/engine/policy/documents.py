"""A folder of YAML files → one checked ``PackSource``, or every problem in it at once."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from .case_facts import CaseFacts
from .complaints import complaints
from .errors import PackError, Position, Problem
from .forms import FORMS, REQUIRED
from .places import describe
from .references import References
from .schema import Case, Clause, PackFile
from .schema_facts import FactModel, FactsFile
from .schema_plan import BudgetFile, OrganizationFile, ProcessFile, TargetsFile, WorkplanFile
from .schemas import json_schemas
from .source import MAX_BYTES, Document, Path, read_document

__all__ = ["PackSource", "digest_of", "json_schemas", "load_source", "load_texts"]

COMMON = FilePath(__file__).resolve().parents[2] / "packs" / "common"
COMMON_FILE = "common/facts.yaml"

_FACTS = ("facts.yaml", COMMON_FILE)
_ORDER = {file: at for at, file in enumerate([*FORMS, COMMON_FILE])}


@dataclass(frozen=True, slots=True)
class PackSource:
    """A pack whose form and references are sound; its formulas are still text.

    ``facts`` are the common ones, then the pack's own. Files that the pack does not have
    are None. ``digest`` is the SHA-256 (hex) of the content, whatever its spelling.
    """

    root: FilePath
    pack: PackFile
    facts: tuple[FactModel, ...]
    clauses: tuple[Clause, ...]
    process: ProcessFile | None
    targets: TargetsFile | None
    budget: BudgetFile | None
    workplan: WorkplanFile | None
    organization: OrganizationFile | None
    cases: tuple[Case, ...]
    digest: str
    _documents: Mapping[str, Document] = field(repr=False)

    @property
    def id(self) -> str:
        """The pack's id."""
        return self.pack.id

    def at(self, file: str, *path: str | int, offset: int | None = None) -> Position:
        """Where the value at ``path`` stands, or the character at ``offset`` of its text.

        A path that does not exist gives the nearest parent that does.
        """
        return self._documents[file].at(path, offset) if file in self._documents else Position(file)

    def at_key(self, file: str, *path: str | int) -> Position:
        """Where the key at ``path`` stands."""
        return self._documents[file].at_key(path) if file in self._documents else Position(file)


def load_source(root: FilePath, common: FilePath | None = None) -> PackSource:
    """The pack in folder ``root`` with the common facts of folder ``common``.

    Raises PackError with all problems of all files.
    """
    problems: list[Problem] = []
    files: dict[str, bytes] = {}
    if not root.is_dir():
        raise PackError([Problem(Position(root.name), "", "没有这个文件夹", "检查政策包的位置")])
    for path in sorted(root.iterdir()):
        if path.suffix.lower() in (".yaml", ".yml"):
            _read_into(files, path, path.name, problems)
    shared: dict[str, bytes] = {}
    common_path = (common or COMMON) / "facts.yaml"
    _read_into(shared, common_path, COMMON_FILE, problems)
    return load_texts(files, shared.get(COMMON_FILE), root, problems)


def load_texts(
    files: Mapping[str, bytes],
    common: bytes | None,
    root: FilePath | None = None,
    problems: list[Problem] | None = None,
) -> PackSource:
    """As ``load_source``, from the contents of the files: for editors that have not saved yet.

    ``problems`` are those found while the files were fetched. Raises PackError.
    """
    found = list(problems or ())
    unreadable = {problem.position.file for problem in found}
    found += _wrong_files(files, unreadable)
    documents = {name: read_document(name, data) for name, data in files.items() if name in FORMS}
    if common is not None:
        documents[COMMON_FILE] = read_document(COMMON_FILE, common)
    checked = _Checked(documents)
    found += checked.problems()
    if found:
        raise PackError(sorted(found, key=_place))
    return checked.source(root or FilePath())


def digest_of(documents: Mapping[str, Document]) -> str:
    """SHA-256 over the content: comments, key order, quoting and line ends do not count."""
    content = {name: document.plain for name, document in documents.items()}
    canonical = json.dumps(
        {"format": "shuzhuan.source/1", "files": content},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


class _Checked:
    """The documents of one pack on their way to forms."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self.documents = documents
        self.forms: dict[str, Any] = {}
        self.cases: tuple[Case, ...] = ()

    def problems(self) -> list[Problem]:
        """Everything wrong, one problem per place: what was said first stands."""
        found = self._source_problems()
        unread = [(name, path) for name, path, _ in found]
        found += [
            (name, path, problem)
            for name, path, problem in self._form_problems()
            if not _covered(name, path, unread)
        ]
        doubtful = {(name, path) for name, path, _ in found}
        found += [
            (name, path, problem)
            for name, path, problem in References(self.documents, doubtful).check()
            if not _covered(name, path, unread) and (name, path) not in doubtful
        ]
        if not any(name in _FACTS for name, _, _ in found):
            doubtful = {(name, path) for name, path, _ in found}
            found += [one for one in self._case_problems() if one[:2] not in doubtful]
        return [problem for _, _, problem in found]

    def _source_problems(self) -> list[tuple[str, Path, Problem]]:
        return [
            (name, path, replace(problem, where=describe(document, path)))
            for name, document in self.documents.items()
            for path, problem in document.problems
        ]

    def _form_problems(self) -> list[tuple[str, Path, Problem]]:
        found: list[tuple[str, Path, Problem]] = []
        for name, document in self.documents.items():
            if document.plain is None:
                continue
            form = FactsFile if name == COMMON_FILE else FORMS[name]
            try:
                self.forms[name] = form.model_validate(document.plain)
            except ValidationError as error:
                found += [(name, *one) for one in complaints(document, form, error)]
        return found

    def _case_problems(self) -> list[tuple[str, Path, Problem]]:
        """Facts of cases need the types of the facts, so both must be sound first."""
        needed = ("cases.yaml", "facts.yaml", COMMON_FILE)
        if any(name not in self.forms for name in needed):
            return []
        converter = CaseFacts(
            self.documents["cases.yaml"], {model.key: model for model in self._facts()}
        )
        self.cases = tuple(
            case.model_copy(update={"facts": converter.convert(at)})
            for at, case in enumerate(self.forms["cases.yaml"].cases)
        )
        return [("cases.yaml", *one) for one in converter.found]

    def _facts(self) -> tuple[FactModel, ...]:
        return (*self.forms[COMMON_FILE].facts, *self.forms["facts.yaml"].facts)

    def source(self, root: FilePath) -> PackSource:
        """The sound pack; only after ``problems`` has found none."""
        return PackSource(
            root,
            self.forms["pack.yaml"],
            self._facts(),
            self.forms["clauses.yaml"].clauses,
            self.forms.get("process.yaml"),
            self.forms.get("targets.yaml"),
            self.forms.get("budget.yaml"),
            self.forms.get("workplan.yaml"),
            self.forms.get("organization.yaml"),
            self.cases,
            digest_of(self.documents),
            self.documents,
        )


def _covered(name: str, path: Path, unread: list[tuple[str, Path]]) -> bool:
    """Whether ``read`` was wrong at, above or below ``path``, so that it was said already."""
    return any(
        name == file and (path[: len(top)] == top or top[: len(path)] == path)
        for file, top in unread
    )


def _read_into(files: dict[str, bytes], path: FilePath, name: str, problems: list[Problem]) -> None:
    """Reads at most one byte more than is allowed, so that a huge file does no harm."""
    try:
        if not path.is_file():
            raise FileNotFoundError(name)
        with path.open("rb") as file:
            files[name] = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        message = "没有这个文件" if not path.exists() else "不是普通文件"
        problems.append(Problem(Position(name), "", message, "检查政策包的位置"))
    except OSError:
        problems.append(Problem(Position(name), "", "文件读不出来", "检查文件的权限"))


def _wrong_files(files: Mapping[str, bytes], unreadable: set[str]) -> list[Problem]:
    """Files that should not be there, and files that are missing; a misspelt name is both once."""
    missing = [name for name in REQUIRED if name not in files and name not in unreadable]
    problems = []
    for name in files:
        if name in FORMS:
            continue
        free = [form for form in FORMS if form not in files]
        near = difflib.get_close_matches(name.lower(), free, n=1)
        hint = f"是否想写 {near[0]}？" if near else "删去它，或移到别的文件夹"
        problems.append(Problem(Position(name), "", "政策包里没有这种文件", hint))
        missing = [other for other in missing if other not in near]
    for name in missing:
        hint = "写上这个文件" + ("，没有专有的事实就写 facts: []" if name == "facts.yaml" else "")
        problems.append(Problem(Position(name), "", "缺少这个文件", hint))
    return problems


def _place(problem: Problem) -> tuple[int, Position]:
    return _ORDER.get(problem.position.file, len(_ORDER)), problem.position
