"""The loaded source: values, positions, digest; and that no word of pydantic gets out."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_core._pydantic_core import list_all_errors  # not exported any more

from shuzhuan.engine.policy.complaints import complaints
from shuzhuan.engine.policy.documents import PackSource, load_source, load_texts
from shuzhuan.engine.policy.errors import PackError, Position, Problem
from shuzhuan.engine.policy.forms import FORMS
from shuzhuan.engine.policy.scalars import Month
from shuzhuan.engine.policy.schema import ClausesFile
from shuzhuan.engine.policy.source import Document, read_document

PACKS = Path(__file__).parent / "packs"
COMMON = (PACKS / "common" / "facts.yaml").read_bytes()
PLAIN = {path.name: path.read_bytes() for path in (PACKS / "plain").glob("*.yaml")}


@pytest.fixture(scope="module")
def source() -> PackSource:
    return load_source(PACKS / "plain", PACKS / "common")


def _digest(**changed: bytes) -> str:
    files = {**PLAIN, **{name.replace("_yaml", ".yaml"): data for name, data in changed.items()}}
    return load_texts(files, COMMON).digest


# Values -------------------------------------------------------------------------------


def test_scalars_have_their_exact_values(source: PackSource) -> None:
    facts: dict[str, Any] = {fact.key: fact for fact in source.facts}
    assert (facts["demo.spend"].min, facts["demo.spend"].max) == (0, 10_000_000_000)
    assert facts["demo.loan_rate"].max == Fraction(1, 5)
    assert facts["demo.scenes"].names == {0: "没有"}
    assert list(facts["demo.title"].values) == ["none", "first", "again"]
    assert facts["demo.submitted_at"].max.isoformat() == "2027-12-31T23:59:59"
    assert [field.key for field in facts["demo.invoices"].fields] == [
        "amount",
        "paid_on",
        "category",
    ]
    clause = source.clauses[0]
    assert clause.params[0].dated is not None
    assert clause.params[0].dated[1].from_ == date(2026, 1, 1)
    assert clause.shares is not None
    assert clause.shares.floors[0].amount == 2_000_000
    assert clause.instalments[1].rest is True
    assert source.targets is not None
    assert source.targets.goals[0].by == Month(2025, 12)
    assert source.targets.tables[0].rows[1].values == (Decimal(50), None, None)
    assert source.budget is not None
    assert source.budget.rules[0].ratio == Fraction(9, 10)
    assert str(source.budget.lines[0].printed["region"]) == "95.00"
    assert source.workplan is not None
    assert source.workplan.tasks[1].due == date(2025, 4, 30)
    assert source.pack.place.code == "999001"


def test_facts_of_cases_become_json_values(source: PackSource) -> None:
    facts = source.cases[0].facts
    assert facts["enterprise.is_pilot"] is True
    assert facts["project.level_after"] == 3
    assert facts["demo.spend"] == "900000"
    assert facts["demo.invoices"] == [
        {"category": "software", "amount": "500000", "paid_on": "2025-03-01"},
        {"category": "hardware", "amount": "400000", "paid_on": "2025-03-01"},
    ]


def test_common_facts_come_first_and_stay(source: PackSource) -> None:
    assert [fact.key for fact in source.facts[:3]] == [
        "enterprise.is_pilot",
        "project.level_after",
        "demo.registered_on",
    ]


def test_files_that_may_be_missing_are_none() -> None:
    needed = ("pack.yaml", "facts.yaml", "clauses.yaml", "cases.yaml")
    files = {name: PLAIN[name] for name in needed}
    files["clauses.yaml"] = (
        files["clauses.yaml"]
        .replace(b"    budget: [rebuild]\n", b"")
        .replace(b"    budget: [awards]\n", b"")
    )
    source = load_texts(files, COMMON)
    assert (source.process, source.targets, source.budget) == (None, None, None)
    assert (source.workplan, source.organization) == (None, None)


def test_forms_are_frozen(source: PackSource) -> None:
    with pytest.raises(ValidationError):
        source.clauses[0].title = "别的"


# Positions ----------------------------------------------------------------------------


def _text_at(position: Position, length: int) -> str:
    lines = PLAIN[position.file].decode().splitlines()
    return lines[position.line - 1][position.column - 1 :][:length]


def test_positions_of_values_and_keys(source: PackSource) -> None:
    amount = source.at("clauses.yaml", "clauses", 0, "amount")
    assert _text_at(amount, 10) == "min(base *"
    assert _text_at(source.at_key("clauses.yaml", "clauses", 0, "amount"), 7) == "amount:"
    inside = source.at("clauses.yaml", "clauses", 0, "amount", offset=11)
    assert _text_at(inside, 4) == "rate"
    nowhere = source.at("clauses.yaml", "clauses", 4, "amount")
    assert _text_at(nowhere, 7) == 'id: "4"'
    assert source.at("nowhere.yaml", "x") == Position("nowhere.yaml")
    quoted = source.at("clauses.yaml", "clauses", 3, "amount", offset=3)
    assert _text_at(quoted, 10) == "demo.title"


@pytest.mark.parametrize(
    "text",
    [
        "a: x + yy * z\n",
        "a: 'x + yy * z'\n",
        'a: "x + yy * z"\n',
        "a: x +\n   yy\n   * z\n",
        "a: >\n  x + yy\n  * z\n",
        "a: |-\n  x +\n  yy\n  * z\n",
        "a: {b: c}\nq: [x + yy * z]\n",
    ],
)
def test_an_offset_inside_a_scalar_points_at_the_same_letter(text: str) -> None:
    document = read_document("f.yaml", text.encode())
    path = ("q", 0) if "q:" in text else ("a",)
    value = document.get(path)
    assert isinstance(value, str)
    for letter in "xyz+*":
        position = document.at(path, value.index(letter))
        line = text.splitlines()[position.line - 1]
        assert line[position.column - 1] == letter


# Digest -------------------------------------------------------------------------------


def test_digest_does_not_depend_on_spelling() -> None:
    base = _digest()
    assert base == load_source(PACKS / "plain", PACKS / "common").digest
    text = PLAIN["facts.yaml"]
    assert base == _digest(facts_yaml=b"# remark\n" + text)
    assert base == _digest(facts_yaml=text.replace(b"\n", b"\r\n"))
    assert base == _digest(facts_yaml=text.replace(b"type: money", b'type: "money"'))
    swapped = text.replace(
        b"    unit: \xe4\xb8\xaa\n    min: 0\n", b"    min: 0\n    unit: '\xe4\xb8\xaa'\n"
    )
    assert swapped != text
    assert base == _digest(facts_yaml=swapped)


def test_digest_depends_on_content_of_every_file() -> None:
    seen = {_digest()}
    remark = "改过的话".encode()
    for name, old in {
        "pack.yaml": "不得用于人员福利",
        "facts.yaml": "投入多少？",
        "clauses.yaml": "软件指采购的软件",
        "process.yaml": "限期整改",
        "targets.yaml": "完成诊断",
        "budget.yaml": "用于企业",
        "workplan.yaml": "出台办法",
        "organization.yaml": "统筹推进",
        "cases.yaml": "逾期减半",
    }.items():
        changed = PLAIN[name].replace(old.encode(), remark)
        assert changed != PLAIN[name]
        seen.add(load_texts({**PLAIN, name: changed}, COMMON).digest)
    common = COMMON.replace("是试点企业吗".encode(), remark)
    seen.add(load_texts(PLAIN, common).digest)
    assert len(seen) == 11


def test_digest_depends_on_the_order_of_lists_and_on_null() -> None:
    text = PLAIN["clauses.yaml"].decode()
    swapped = text.replace("[验收申请, 发票]", "[发票, 验收申请]")
    assert _digest(clauses_yaml=swapped.encode()) != _digest()
    nothing = PLAIN["workplan.yaml"].replace(b"due: 2025-04-30", b"due: null")
    quoted = PLAIN["workplan.yaml"].replace(b"due: 2025-04-30", b"due: 2025-04")
    assert len({_digest(), _digest(workplan_yaml=nothing), _digest(workplan_yaml=quoted)}) == 3


# Words --------------------------------------------------------------------------------

_ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")


def _words_about(details: InitErrorDetails) -> list[Problem]:
    error = ValidationError.from_exception_data("x", [details])
    document = read_document("clauses.yaml", PLAIN["clauses.yaml"])
    return [problem for _, problem in complaints(document, ClausesFile, error)]


@pytest.mark.parametrize("kind", [entry["type"] for entry in list_all_errors()])
def test_no_error_of_pydantic_is_shown_in_its_own_words(kind: str) -> None:
    """Every error that pydantic knows, whether a form can raise it today or not."""
    example = next(entry for entry in list_all_errors() if entry["type"] == kind)
    details = InitErrorDetails(
        type=kind,
        loc=("clauses", 0, "title"),
        input="x",
        ctx=example.get("example_context") or {},
    )
    (problem,) = _words_about(details)
    assert problem.position.line == (2 if kind == "missing" else 6)
    assert re.search(r"[\u4e00-\u9fff]", problem.message)
    assert problem.hint
    assert not _ENGLISH.search(problem.message + problem.hint), problem.text()


def test_control_an_english_sentence_would_be_noticed() -> None:
    said = PydanticCustomError(
        "policy", "{message}", {"message": "must not be empty", "hint": "x", "key": None}
    )
    (problem,) = _words_about(InitErrorDetails(type=said, loc=("clauses", 0), input="x"))
    assert _ENGLISH.search(problem.message)


def test_every_key_has_chinese_words() -> None:
    seen: set[type[BaseModel]] = set()

    def visit(form: type[BaseModel]) -> None:
        if form in seen:
            return
        seen.add(form)
        for name, field in form.model_fields.items():
            assert field.description, f"{form.__name__}.{name}"
            for inner in _forms_in(field.annotation):
                visit(inner)

    for form in FORMS.values():
        visit(form)
    assert len(seen) > 50


def _forms_in(kind: Any) -> list[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [form for inner in getattr(kind, "__args__", ()) for form in _forms_in(inner)]


def test_a_problem_is_one_line() -> None:
    problem = Problem(Position("a.yaml", 3, 4), "条款 1 › amount", "缺少 amount", "写上金额")
    assert problem.text() == "a.yaml:3:4 条款 1 › amount：缺少 amount。写上金额"
    assert Problem(Position("a.yaml"), "", "空").text() == "a.yaml:1:1 空"
    assert str(PackError([problem, problem])).count("\n") == 1


def test_an_unreadable_file_does_not_cause_complaints_about_others() -> None:
    for name in PLAIN:
        with pytest.raises(PackError) as caught:
            load_texts({**PLAIN, name: b"a: [\n"}, COMMON)
        assert [problem.position.file for problem in caught.value.problems] == [name]


def test_documents_answer_for_paths_that_do_not_exist() -> None:
    document: Document = read_document("f.yaml", b"a: [x]\n")
    assert document.get(("a", 1)) is None
    assert document.get(("a", "b")) is None
    assert document.at(("a", 1, "c")) == Position("f.yaml", 1, 4)
    assert document.at_key(("a", 0)) == Position("f.yaml", 1, 5)
