"""The bundle of one organisation: index.xlsx, files in folders, manifest.json, audit receipts.

It is written while it is sent: one file of the store is open at a time, so memory does not grow
with the archive. ``verify_bundle.py`` checks it without the platform.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import xlsxwriter
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.audit.checkpoints import checkpoint, checkpoint_json, row_json
from shuzhuan.apps.audit.models import Chain, Entry
from shuzhuan.apps.evidence.models import Document, DocumentVersion
from shuzhuan.apps.evidence.slots import MIB
from shuzhuan.apps.evidence.store import store
from shuzhuan.engine.audit import tree
from shuzhuan.engine.defuse import defused

FORMAT = "shuzhuan.bundle/1"
CHUNK_BYTES = 256 * 1024
SPOOL_BYTES = 8 * MIB
VERSIONS_MAX = 20_000
RECEIPTS_MAX = 5_000
_PACKED = frozenset({"pdf", "jpg", "png", "xlsx", "docx", "zip"})
_ALWAYS = (2000, 1, 1, 0, 0, 0)  # the same content gives the same entry


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the index: texts and numbers, the first row is the head."""

    title: str
    head: tuple[str, ...]
    rows: Iterable[tuple[Any, ...]]


# Apps above this one add what they know of an organisation.
Part = Callable[[Actor, Party], Iterable[Sheet]]
_parts: list[Part] = []


def in_bundle(part: Part) -> Part:
    """Register sheets for the index of a bundle."""
    _parts.append(part)
    return part


@dataclass
class _Pipe(io.RawIOBase):
    """Takes what the archive writes and hands it on."""

    waiting: list[bytes] = field(default_factory=list)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        piece = b"".join(self.waiting)
        self.waiting.clear()
        return piece


def versions_of(actor: Actor, party: Party) -> list[DocumentVersion]:
    """Every version that the actor may see; for the owner that is the whole archive."""
    rows = visible(actor, DocumentVersion).filter(owner=party)
    rows = rows.select_related("document", "blob", "uploaded_by").order_by("document_id", "number")
    return list(rows[: VERSIONS_MAX + 1])


def pieces(
    actor: Actor, party: Party, versions: list[DocumentVersion], entries: list[Entry]
) -> Iterator[bytes]:
    """The bytes of the bundle, in order."""
    pipe = _Pipe()
    listed: list[dict[str, object]] = []
    with zipfile.ZipFile(pipe, "w", allowZip64=True) as archive:
        for version in versions:
            with store().open(version.blob.sha256) as content:
                yield from _add(archive, pipe, _path(version), content, listed, _facts(version))
        with _index(actor, party, versions) as index:
            yield from _add(archive, pipe, "index.xlsx", index, listed)
        for name, document in _receipts(entries):
            content = io.BytesIO(_json(document))
            yield from _add(archive, pipe, name, content, listed)
        manifest = {
            "format": FORMAT,
            "owner": {"name": party.name, "uscc": party.uscc},
            "made_at": timezone.now().isoformat(timespec="seconds"),
            "files": listed,
        }
        yield from _add(archive, pipe, "manifest.json", io.BytesIO(_json(manifest)), [])
    yield pipe.taken()


def _add(
    archive: zipfile.ZipFile,
    pipe: _Pipe,
    name: str,
    content: IO[bytes],
    listed: list[dict[str, object]],
    facts: dict[str, object] | None = None,
) -> Iterator[bytes]:
    info = zipfile.ZipInfo(name, date_time=_ALWAYS)
    packed = name.rpartition(".")[2] in _PACKED
    info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    digest, size = hashlib.sha256(), 0
    with archive.open(info, "w", force_zip64=True) as target:
        while piece := content.read(CHUNK_BYTES):
            digest.update(piece)
            size += len(piece)
            target.write(piece)
            yield pipe.taken()
    if facts is not None and digest.hexdigest() != facts["sha256"]:
        raise ValueError(f"{name} is not what its row says")
    listed.append({"path": name, "bytes": size, **(facts or {}), "sha256": digest.hexdigest()})


def _path(version: DocumentVersion) -> str:
    """files/营业执照/12/营业执照-12-v2.pdf: nothing of it was typed by anybody."""
    slot = version.document.slot_info.label
    return f"files/{slot}/{version.document_id}/{version.name}"


def _facts(version: DocumentVersion) -> dict[str, object]:
    document = version.document
    return {
        "document": document.pk,
        "version": version.number,
        "slot": document.slot,
        "title": document.title,
        "original_name": version.original_name,
        "uploaded_at": version.uploaded_at.isoformat(timespec="seconds"),
        "withdrawn": document.withdrawn_at is not None,
        "sha256": version.blob.sha256,
    }


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True).encode()


# -- index ----------------------------------------------------------------------------------------


def _index(actor: Actor, party: Party, versions: list[DocumentVersion]) -> IO[bytes]:
    out: IO[bytes] = tempfile.SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115 - the caller closes
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    bold = book.add_format({"bold": True})
    sheets = [Sheet("资料目录", _HEAD, (_index_row(version) for version in versions))]
    for part in _parts:
        sheets += part(actor, party)
    for sheet in sheets:
        page = book.add_worksheet(sheet.title[:31])
        page.freeze_panes(1, 0)
        page.set_column(0, len(sheet.head) - 1, 18)
        page.write_row(0, 0, sheet.head, bold)
        for number, row in enumerate(sheet.rows, start=1):
            _write_row(page, number, row)
    book.close()
    out.seek(0)
    return out


_HEAD = (
    "类别",
    "名称",
    "版本",
    "原文件名",
    "字节数",
    "上传人",
    "上传时间",
    "状态",
    "文件",
    "SHA-256",
)


def _index_row(version: DocumentVersion) -> tuple[Any, ...]:
    document = version.document
    at = timezone.localtime(version.uploaded_at).strftime("%Y-%m-%d %H:%M")
    state = "已撤下" if document.withdrawn_at else "现行"
    if document.current_id != version.pk:
        state = "旧版本"
    return (
        document.slot_info.label,
        document.title,
        version.number,
        version.original_name,
        version.blob.size_bytes,
        str(version.uploaded_by),
        at,
        state,
        _path(version),
        version.blob.sha256,
    )


def _write_row(page: Any, number: int, row: tuple[Any, ...]) -> None:
    for column, cell in enumerate(row):
        if cell is None:
            page.write_string(number, column, "")
        elif isinstance(cell, bool):
            page.write_string(number, column, "是" if cell else "否")
        elif isinstance(cell, int | float):
            page.write_number(number, column, cell)
        else:
            page.write_string(number, column, defused(str(cell)))


# -- receipts -------------------------------------------------------------------------------------


def entries_about(document_ids: Iterable[int]) -> list[Entry]:
    """The rows of the audit log about these documents, the newest first when there are many."""
    rows = Entry.objects.filter(
        kind=Document._meta.label_lower, object_id__in=[str(each) for each in document_ids]
    )
    return list(rows.select_related("chain").order_by("-at")[:RECEIPTS_MAX])


def _receipts(entries: list[Entry]) -> Iterator[tuple[str, dict[str, object]]]:
    """Receipts as the audit log gives them out; the tree of a chain is built once."""
    chains = {entry.chain_id: entry.chain for entry in entries}
    for chain_id in sorted(chains):
        chain = Chain.objects.get(pk=chain_id)
        point = checkpoint(chain_id)
        assert point is not None
        rows = Entry.objects.filter(chain=chain, number__lte=point.size).order_by("number")
        leaves = list(rows.values_list("leaf", flat=True))
        wanted = [entry for entry in entries if entry.chain_id == chain_id]
        paths = tree.proofs(leaves, [entry.number - 1 for entry in wanted], chain.algorithm)
        for entry, path in zip(wanted, paths, strict=True):
            yield (
                f"receipts/{chain.key}-{entry.number}.json",
                {
                    "format": "shuzhuan.receipt/1",
                    "row": row_json(entry),
                    "leaf": entry.leaf,
                    "proof": [list(step) for step in path],
                    "checkpoint": checkpoint_json(point),
                },
            )
