"""改造评测分离: whoever grades or audits has nothing to do with the plan, the work or its makers.

PY 第九条 (服务商严格遵守“改造评测分离”) and 第十二条（二）2 (第三方评测机构与改造机构无关联).
A body is tied to an enterprise when it, a body with its code, or one under its controlling person

* wrote a plan for the enterprise or diagnosed it (at any time),
* has a contract with it whose last day lies within the last three years, that day's third
  anniversary included (29 February counts until 28 February),
* is the enterprise itself.

What nobody recorded (a controlling person) cannot be compared; ``Look.unknown`` says so. That does
not forbid the engagement: its office is warned, and it stands as 待核实 until somebody records it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import TextChoices

from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, Engagement, Plan
from shuzhuan.apps.assessments.models import EngagementKind as Kind
from shuzhuan.apps.assessments.ties import contracts_of
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.vendors.models import BodyRecord
from shuzhuan.engine.policy.dates import add_months, days, from_days

CONTRACT_MONTHS = 36
# Diagnosing needs no independence: who diagnoses may also do the work.
INDEPENDENT = frozenset({Kind.ACCEPTANCE, Kind.AUDIT})


class TieKind(TextChoices):
    """What ties a body to an enterprise."""

    SAME_BODY = "same_body", "同一单位"
    SAME_CODE = "same_code", "同一统一社会信用代码"
    SAME_CONTROL = "same_control", "同一实际控制人"
    CONTRACT = "contract", "近三年合同"
    CONTRACT_CONTROL = "contract_control", "合同相对方受同一实际控制人控制"


@dataclass(frozen=True, slots=True)
class Tie:
    """One reason why a body may not judge this enterprise."""

    kind: TieKind
    reason: str


@dataclass(frozen=True, slots=True)
class Look:
    """What was compared on one day."""

    day: date
    ties: tuple[Tie, ...] = ()
    compared: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The stored form."""
        return {
            "day": self.day.isoformat(),
            "ties": [{"kind": str(tie.kind), "reason": tie.reason} for tie in self.ties],
            "compared": list(self.compared),
            "unknown": list(self.unknown),
        }

    @property
    def reasons(self) -> str:
        """Every tie in one sentence."""
        return "；".join(tie.reason for tie in self.ties)


@dataclass(frozen=True, slots=True)
class _Other:
    """Somebody who did something for the enterprise; ``did`` completes “某某……”."""

    party_id: int | None
    uscc: str
    name: str
    did: str
    contract: bool = False


@dataclass(slots=True)
class _Known:
    """Parties and controlling persons, read once."""

    parties: dict[int, Party] = field(default_factory=dict)
    controllers: dict[str, set[str]] = field(default_factory=dict)  # code → digests


def check(enterprise: Enterprise, party: Party, kind: str, today: date) -> list[Tie]:
    """Every tie between the body and the enterprise; none for a diagnosis, which needs no distance."""
    return list(look(enterprise, party, kind, today).ties)


def look(enterprise: Enterprise, party: Party, kind: str, today: date) -> Look:
    """The same with what was compared and what could not be. Reads across places."""
    if kind not in INDEPENDENT:
        return Look(today)
    with opened("whether a body is independent of those who did the work"):
        others = [*_authors(enterprise), *_contractors(enterprise, today)]
        others.append(_Other(enterprise.party_id, enterprise.uscc, enterprise.name, "是被评企业"))
        known = _read(party, others)
        ties = [tie for other in others for tie in _compare(party, other, known)]
    unknown = []
    if not known.controllers.get(party.uscc):
        unknown.append(f"{party.name}没有登记实际控制人，无法核对是否受同一人控制")
    unknown += [
        f"{other.name}没有登记实际控制人，无法核对"
        for other in others[:-1]
        if not known.controllers.get(_code(other, known))
    ]
    compared = tuple(dict.fromkeys(f"{other.name}：{other.did}" for other in others))
    return Look(today, tuple(dict.fromkeys(ties)), compared, tuple(dict.fromkeys(unknown)))


def noted(engagement: Engagement, stage: str, seen: Look) -> str:
    """``Engagement.checked`` with what was seen at this stage (``engaged``, ``submitted``)."""
    content = json.loads(engagement.checked or "{}")
    content[stage] = seen.to_json()
    return json.dumps(content, ensure_ascii=False)


def unproven(engagement: Engagement) -> list[str]:
    """What could not be compared when it was last looked at: 待核实."""
    content = json.loads(engagement.checked or "{}")
    latest = content.get("submitted") or content.get("engaged") or {}
    return list(latest.get("unknown", ()))


def within_three_years(last_day: date, today: date) -> bool:
    """Whether a contract still ties: up to and including the third anniversary of its last day."""
    return today <= from_days(add_months(days(last_day), CONTRACT_MONTHS))


def _authors(enterprise: Enterprise) -> Iterable[_Other]:
    """Who wrote a plan or diagnosed, was asked to, in whatever state: distance is not waited for."""
    firm = {"place_id": enterprise.place_id, "enterprise_id": enterprise.pk}
    for plan in Plan.objects.filter(**firm).select_related("party"):
        yield _Other(plan.party_id, plan.party.uscc, plan.party.name, "为企业编制改造方案")
    asked = Engagement.objects.filter(**firm, kind=Kind.DIAGNOSIS).select_related("party")
    done = Assessment.objects.filter(**firm, kind=AssessmentKind.DIAGNOSIS).select_related("party")
    for party in (*(row.party for row in asked), *(row.party for row in done)):
        yield _Other(party.pk, party.uscc, party.name, "为企业诊断")


def _contractors(enterprise: Enterprise, today: date) -> Iterable[_Other]:
    for contract in contracts_of(enterprise.pk):
        if within_three_years(contract.last_day, today):
            did = f"与企业有合同（{contract.what}，{contract.last_day.isoformat()}）"
            yield _Other(contract.party_id, contract.uscc, contract.name, did, contract=True)


def _read(party: Party, others: Iterable[_Other]) -> _Known:
    """Codes and controlling persons of everybody concerned; a code may stand for two parties."""
    rows = list(others)
    ids = {party.pk, *(other.party_id for other in rows if other.party_id is not None)}
    known = _Known(parties=Party.objects.in_bulk(ids))
    codes = {one.uscc for one in known.parties.values()} | {o.uscc for o in rows if o.uscc}
    records = BodyRecord.objects.filter(party__uscc__in=codes).exclude(controller_digest="")
    for uscc, digest in records.values_list("party__uscc", "controller_digest"):
        known.controllers.setdefault(uscc, set()).add(digest)
    return known


def _code(other: _Other, known: _Known) -> str:
    if other.uscc or other.party_id is None:
        return other.uscc
    return known.parties[other.party_id].uscc


def _compare(party: Party, other: _Other, known: _Known) -> Iterable[Tie]:
    code, did = _code(other, known), f"{other.name}{other.did}"
    by_name = not code and other.party_id is None and _bare(other.name) == _bare(party.name)
    if other.party_id == party.pk or by_name:
        kind = TieKind.CONTRACT if other.contract else TieKind.SAME_BODY
        yield Tie(kind, f"{party.name}{other.did}")
    elif code == party.uscc:
        kind = TieKind.CONTRACT if other.contract else TieKind.SAME_CODE
        yield Tie(kind, f"{party.name}与{did}，统一社会信用代码相同（{code}）")
    elif known.controllers.get(party.uscc, set()) & known.controllers.get(code, set()):
        kind = TieKind.CONTRACT_CONTROL if other.contract else TieKind.SAME_CONTROL
        yield Tie(kind, f"{did}，{party.name}与它受同一实际控制人控制")


def _bare(name: str) -> str:
    """A name as it is compared: full and half width alike, without blanks and round brackets."""
    text = unicodedata.normalize("NFKC", name)
    return "".join(sign for sign in text if sign not in " ()\t\n")
