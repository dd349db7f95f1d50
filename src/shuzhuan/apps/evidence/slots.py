"""What a document is for, and which files its place takes."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file. ``extensions``: all names that it goes by, the stored one first."""

    key: str
    label: str
    extensions: tuple[str, ...]
    mime: str
    bytes_max: int


KINDS = {
    kind.key: kind
    for kind in (
        Kind("pdf", "PDF", ("pdf",), "application/pdf", 30 * MIB),
        Kind("jpg", "JPG 图片", ("jpg", "jpeg"), "image/jpeg", 20 * MIB),
        Kind("png", "PNG 图片", ("png",), "image/png", 20 * MIB),
        Kind(
            "xlsx",
            "Excel 表（.xlsx）",
            ("xlsx",),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            20 * MIB,
        ),
        Kind(
            "docx",
            "Word 文档（.docx）",
            ("docx",),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            20 * MIB,
        ),
        Kind("csv", "CSV 表", ("csv",), "text/csv; charset=utf-8", 10 * MIB),
        Kind("zip", "ZIP 压缩包", ("zip",), "application/zip", 60 * MIB),
    )
}
KIND_CHOICES = [(kind.key, kind.label) for kind in KINDS.values()]
BY_EXTENSION = {name: kind for kind in KINDS.values() for name in kind.extensions}
SCANS = ("pdf", "jpg", "png")
PAPERS = (*SCANS, "docx")
TABLES = ("xlsx", "csv")


@dataclass(frozen=True, slots=True)
class Slot:
    """What a document is for."""

    key: str
    label: str
    kinds: tuple[str, ...]
    hint: str = ""

    @property
    def accept(self) -> str:
        """What a file input offers."""
        names = [name for key in self.kinds for name in KINDS[key].extensions]
        return ",".join(f".{name}" for name in names)

    @property
    def kinds_text(self) -> str:
        return "、".join(KINDS[key].label for key in self.kinds)


SLOTS = {
    slot.key: slot
    for slot in (
        Slot("licence", "营业执照", SCANS, "正本或副本，四角齐全"),
        Slot("certificate", "资质证书", SCANS, "专精特新、高新技术企业等认定文件或证书"),
        Slot("statement", "财务报表", ("pdf", "jpg", "png", "xlsx"), "资产负债表、利润表"),
        Slot("tax", "纳税与信用证明", SCANS, "完税证明、信用报告"),
        Slot("contract", "合同协议", PAPERS, "改造合同、采购合同、补充协议"),
        Slot("invoice", "发票", SCANS, "改造投入的发票，一张一份"),
        Slot("payment", "付款凭证", SCANS, "银行回单、转账凭证"),
        Slot("photo", "现场照片", ("jpg", "png"), "设备、产线、系统上线的照片，可直接拍"),
        Slot("report", "评测与诊断报告", PAPERS),
        Slot("list", "清单与台账", TABLES, "设备清单、软件清单、投资明细"),
        Slot("commitment", "承诺与声明", PAPERS, "盖章扫描件"),
        Slot("package", "成套材料", ("zip",), "里面只能是 PDF、图片、Word、Excel、CSV"),
        Slot("other", "其他", (*PAPERS, *TABLES)),
    )
}
SLOT_CHOICES = [(slot.key, slot.label) for slot in SLOTS.values()]

# Limits per owner; a whole archive stays within what one bundle can hold.
DOCUMENTS_MAX = 2_000
VERSIONS_MAX = 100
OWNER_BYTES_MAX = 4096 * MIB
FILES_AT_ONCE_MAX = 10
