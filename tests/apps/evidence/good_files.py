"""One honest file of each kind, as the programs of offices and phones write them."""

from __future__ import annotations

import io
import random
import zipfile
from functools import cache

import typst
import xlsxwriter
from docx import Document as WordDocument
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

NOISE = random.Random(3)


@cache
def jpg(wide: int = 160, high: int = 120) -> bytes:
    """A photo with a device, a place and an orientation in its EXIF."""
    picture = Image.frombytes("RGB", (wide, high), NOISE.randbytes(wide * high * 3))
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "PhoneMaker", 6
    exif[0x9286] = "comment"
    exif.get_ifd(0x8825).update({1: "N", 2: (IFDRational(35), IFDRational(51), IFDRational(0))})
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"made by a phone", quality=80)
    return out.getvalue()


@cache
def png(mode: str = "RGBA") -> bytes:
    picture = Image.frombytes("RGBA", (80, 60), NOISE.randbytes(80 * 60 * 4)).convert(mode)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@cache
def pdf() -> bytes:
    """A real document with text, a table and a link: object streams and compressed pages."""
    text = '= 营业执照\n#table(columns: 2, [名称], [彭阳杂粮加工厂])\n#link("https://example.org")[网址]'
    made = typst.compile(text.encode(), format="pdf")
    assert isinstance(made, bytes)
    return made


@cache
def plain_pdf() -> bytes:
    """The oldest form: no compression, a table of offsets."""
    return build_pdf([b"<< /Type /Catalog /Pages 2 0 R >>", *_PAGES])


_PAGES = (
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
)


def build_pdf(objects: list[bytes], trailer: bytes = b"", tail: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out = b"%PDF-1.7\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R %b >>\n" % (len(objects) + 1, trailer)
    return out + b"startxref\n%d\n%%%%EOF\n" % start + tail


def pdf_with(
    *extra: bytes, catalogue: bytes = b"", trailer: bytes = b"", tail: bytes = b""
) -> bytes:
    """A PDF with more objects (from number 4) and more in its catalogue."""
    root = b"<< /Type /Catalog /Pages 2 0 R " + catalogue + b" >>"
    return build_pdf([root, *_PAGES, *extra], trailer, tail)


@cache
def xlsx() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet("设备清单")
    page.write_row(0, 0, ["名称", "数量", "单价（元）", "合计", "备注|说明"])
    for row in range(1, 200):
        page.write_row(row, 0, [f"数控机床{row}", row, 1000])
        page.write_formula(row, 3, f"=B{row + 1}*C{row + 1}")
    page.write_formula(200, 3, '=IF(A1="a|b",Sheet2!A1,SUM(D2:D200))')
    page.write_url(201, 0, "https://example.org/设备")
    page.insert_image(2, 6, "logo.png", {"image_data": io.BytesIO(png())})
    book.add_worksheet("Sheet2")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=设备清单!$B$2:$B$20"})
    page.insert_chart(5, 6, chart)
    book.define_name("合计", "=设备清单!$D$201")
    book.close()
    return out.getvalue()


@cache
def docx() -> bytes:
    document = WordDocument()
    document.add_heading("改造合同", 0)
    document.add_paragraph("甲方：彭阳杂粮加工厂；链接与 LINK 字样、DDE 字样出现在正文里不算。")
    document.add_table(2, 2).cell(0, 0).text = "金额"
    document.add_picture(io.BytesIO(png()))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def csv(encoding: str = "utf-8-sig") -> bytes:
    lines = ["名称,金额,电话,变化,备注", '"机床,甲",1200.50,+8613895412345,-5,"第一行\n第二行"']
    return "\r\n".join(lines).encode(encoding)


@cache
def package() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("材料")
        for name, content in (
            ("执照.pdf", pdf()),
            ("照片.jpg", jpg()),
            ("清单.xlsx", xlsx()),
            ("合同.docx", docx()),
            ("明细.csv", csv()),
        ):
            archive.writestr(f"材料/{name}", content)
    return out.getvalue()


def all_good() -> dict[str, tuple[str, bytes, str]]:
    """Name of the case: file name, content, slot."""
    return {
        "pdf": ("营业执照 (正本).pdf", pdf(), "licence"),
        "pdf-plain": ("v1.2.回单.PDF", plain_pdf(), "payment"),
        "jpg": ("现场 2026.11.20.jpeg", jpg(), "photo"),
        "png": ("截图.png", png(), "photo"),
        "png-palette": ("截图2.png", png("P"), "photo"),
        "xlsx": ("设备清单.xlsx", xlsx(), "list"),
        "docx": ("改造合同.docx", docx(), "contract"),
        "csv": ("明细.csv", csv(), "list"),
        "csv-gb18030": ("明细.csv", csv("gb18030"), "list"),
        "zip": ("成套材料.zip", package(), "package"),
    }
