"""What is wrong with a pack, said once per mistake, with the place and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file of the pack; line and column count from 1, column in characters."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``where`` is a path a person understands (条款 1 › amount), may be empty.

    ``message`` says what is wrong and ``hint`` what to write instead, both Chinese and
    without a closing full stop.
    """

    position: Position
    where: str
    message: str
    hint: str = ""

    def text(self) -> str:
        """One Chinese line: ``文件:行:列 where：message。hint``."""
        subject = f"{self.where}：" if self.where else ""
        remedy = f"。{self.hint}" if self.hint else ""
        return f"{self.position} {subject}{self.message}{remedy}"


class PackError(Exception):
    """The pack cannot be used; ``problems`` holds every mistake found, in file and line order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.text() for problem in self.problems))

    def __reduce__(self) -> tuple[type[PackError], tuple[tuple[Problem, ...]]]:
        """Survive the way to another process; the default would call with the message alone."""
        return type(self), (self.problems,)
