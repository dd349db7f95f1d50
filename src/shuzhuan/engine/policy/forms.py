"""Which files a pack may have, and the form of each."""

from __future__ import annotations

from pydantic import BaseModel

from .schema import CasesFile, ClausesFile, PackFile
from .schema_facts import FactsFile
from .schema_plan import BudgetFile, OrganizationFile, ProcessFile, TargetsFile, WorkplanFile

FORMS: dict[str, type[BaseModel]] = {
    "pack.yaml": PackFile,
    "facts.yaml": FactsFile,
    "clauses.yaml": ClausesFile,
    "process.yaml": ProcessFile,
    "targets.yaml": TargetsFile,
    "budget.yaml": BudgetFile,
    "workplan.yaml": WorkplanFile,
    "organization.yaml": OrganizationFile,
    "cases.yaml": CasesFile,
}
REQUIRED = ("pack.yaml", "facts.yaml", "clauses.yaml", "cases.yaml")
