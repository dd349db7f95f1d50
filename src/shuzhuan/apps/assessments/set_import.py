"""An uploaded file → an indicator set, or every mistake with its line, item and field in Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shuzhuan.engine.grading import IndicatorSet, import_set, read_set
from shuzhuan.engine.policy.errors import PackError, Problem

BYTES_MAX = 1_000_000
EXTENSIONS = (".json", ".yaml", ".yml")
_OWN_FORMAT = re.compile(rb"""^\s*(?:\{\s*)?["']?format["']?\s*:""", re.MULTILINE)
_FIELDS = {
    "title": "文件名称", "document_no": "文号", "dimension_max": "各维度满分", "questions": "计分题",
    "scenarios": "场景", "level_rules": "等级条件", "level_rules_UNOFFICIAL": "等级条件",
    "level_names": "等级名称", "no": "编号", "dimension": "维度", "level1": "一级指标",
    "level2": "二级指标", "question": "题面", "type": "题型", "max_score": "满分", "options": "选项",
    "key": "选项键", "text": "文字", "pct": "百分比", "score": "得分", "definition": "说明",
    "fill_in_fields": "另外要填的数据", "group": "所属环节", "name": "名称", "binding": "约束性",
    "levels": "等级", "level": "等级", "min_score": "总分至少", "min_scenes": "场景至少几个",
    "min_binding": "约束性场景至少几个", "points": "分值", "percent": "百分比", "up_to": "区间上限",
    "format": "格式", "id": "编号", "version": "版本", "sector": "适用行业", "ask": "题面",
    "kind": "题型", "topic": "主题", "count": "场景个数", "at": "场景级别", "help": "填写帮助",
    "excludes_others": "排斥其他", "unverified": "待核对", "document": "官方文件", "number": "文号",
    "notices": "提示", "dimensions": "维度", "wording": "题面来源", "area": "所属环节",
    "rate": "比率", "status": "来源说明",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wrong:
    """One mistake of a file. ``line`` counts from 1; ``where`` names item and field."""

    line: int
    where: str
    text: str


class FileRefused(Exception):
    """Nothing of the file was stored; ``wrong`` lists what to change."""

    def __init__(self, wrong: list[Wrong]) -> None:
        super().__init__("；".join(f"{one.where}：{one.text}" for one in wrong))
        self.wrong = wrong


def is_own_format(data: bytes) -> bool:
    """Whether the file is a whole set of ours, with its own id and version."""
    return bool(_OWN_FORMAT.search(data[:4_000]))


def read_upload(
    name: str,
    data: bytes,
    *,
    set_id: str,
    version: str,
    base: IndicatorSet | None,
    verified: bool,
    sector: str = "",
) -> IndicatorSet:
    """The set in an uploaded file; ``base`` lends helps and the two counts of a rate.

    ``set_id``, ``version`` and ``sector`` are for the import form, which has none. Raises FileRefused.
    """
    if not name.lower().endswith(EXTENSIONS):
        raise FileRefused([Wrong(0, "文件", "只收 .json、.yaml 或 .yml 文件。")])
    if not data.strip():
        raise FileRefused([Wrong(0, "文件", "文件是空的。")])
    if len(data) > BYTES_MAX:
        raise FileRefused(
            [Wrong(0, "文件", f"文件大于{BYTES_MAX // 1_000_000} MB，不像是指标集。")]
        )
    try:
        if is_own_format(data):
            return read_set(name, data)
        return import_set(name, data, set_id, version, base=base, verified=verified, sector=sector)
    except PackError as error:
        raise FileRefused([_wrong(problem) for problem in error.problems]) from None


def _wrong(problem: Problem) -> Wrong:
    hint = f"。{problem.hint}" if problem.hint else ""
    return Wrong(problem.position.line, _where(problem.where), f"{problem.message}{hint}。")


def _where(where: str) -> str:
    """``第 3 题 › 第 2 个选项 › score`` → ``第3题 › 第2个选项 › 得分（score）``."""
    steps = [step.strip() for step in where.split("›") if step.strip()]
    shown = []
    for step in steps:
        word = _FIELDS.get(step)
        shown.append(f"{word}（{step}）" if word else re.sub(r"第 (\d+) ", r"第\1", step))
    return " › ".join(shown) or "文件"
