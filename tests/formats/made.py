"""Documents made by hand for the tests: what LibreOffice, Word and printers write, as little of it as a case needs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

ODF = "urn:oasis:names:tc:opendocument:xmlns:"
NAMES = "".join(
    f' xmlns:{prefix}="{ODF}{name}:1.0"'
    for prefix, name in [
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("fo", "xsl-fo-compatible"),
        ("draw", "drawing"), ("manifest", "manifest"),
    ]
)  # fmt: skip
ODT_TYPE = "application/vnd.oasis.opendocument.text"


def odt(body: str, *, styles: str = "", prologue: str = "", manifest: str = "", **parts: str) -> bytes:
    """Return an OpenDocument text with this body and these automatic styles."""
    content = (
        f"{prologue}<office:document-content{NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODT_TYPE, zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        if manifest:
            archive.writestr("META-INF/manifest.xml", manifest)
        for name, text in parts.items():
            archive.writestr(f"{name}.xml", text)
    return stream.getvalue()


def odt_lines(lines: Sequence[str]) -> bytes:
    """Return a text with a paragraph a line."""
    return odt("".join(f"<text:p>{escape(line)}</text:p>" for line in lines))


def rtf(body: str, *, head: str = r"\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil\fcharset0 Calibri;}}") -> bytes:
    """Return a document with this body, written in the bytes of Windows-1252."""
    return (r"{\rtf1" + head + "\n" + body + "}").encode("cp1252")


def rtf_lines(lines: Sequence[str]) -> bytes:
    """Return a text with a paragraph a line, accents as WordPad writes them and anything else as Word does."""
    return rtf("".join(r"\pard " + rtf_text(line) + "\\par\n" for line in lines))


def rtf_text(text: str) -> str:
    """Return text as RTF writes it."""
    written = []
    for char in text:
        if char in "\\{}":
            written.append("\\" + char)
        elif char < "\x80":
            written.append(char)
        elif "\xa0" < char < "\u0100":
            written.append(f"\\'{ord(char):02x}")
        else:
            units = char.encode("utf-16-le")
            written += [
                f"\\u{int.from_bytes(units[at : at + 2], 'little', signed=True)}?" for at in range(0, len(units), 2)
            ]
    return "".join(written)


Placed = tuple[float, float, str]  # points from the left, points from the bottom, text


def pdf(pages: Sequence[Sequence[Placed]], *, encrypted: bool = False, fonts: str = "Helvetica") -> bytes:
    """Return a PDF that draws these texts in 11-point type (« **…** » in bold)."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    objects += [f"<< /Type /Font /Subtype /Type1 /BaseFont /{fonts}{bold} /Encoding /WinAnsiEncoding >>" for bold in ("", "-Bold")]
    kids = []
    for page in pages:
        drawn = "".join(_drawn(*placed) for placed in page)
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
        resources = "<< /Font << /F1 3 0 R /F2 4 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources {resources} /Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    return _file(objects, "/Encrypt << /Filter /Standard /V 9 >>" if encrypted else "")


def _drawn(x: float, y: float, text: str) -> str:
    parts = text.split("**")
    shown = " ".join(
        f"/F{1 + place % 2} 11 Tf <{part.encode('cp1252').hex()}> Tj" for place, part in enumerate(parts) if part
    )
    return f"BT 1 0 0 1 {x} {y} Tm {shown} ET\n"


def _file(objects: Sequence[str], trailer: str) -> bytes:
    data, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        places.append(len(data))
        data += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\n"
    return data + (end + f"startxref\n{len(data)}\n%%EOF\n").encode("latin-1")


def pdf_lines(lines: Sequence[str], *, width: int = 60, per_page: int = 20, head: str = "", blank_after: bool = False) -> bytes:
    """Return the lines as a printer sets them: wrapped at ``width`` characters, on pages with a head and a number."""
    pages: list[list[Placed]] = [[]]
    y = 760.0
    for line in lines:
        for piece in _wrapped(line, width):
            if len(pages[-1]) >= per_page:
                pages.append([])
                y = 760.0
            pages[-1].append((70, y, piece))
            y -= 14
        y -= 10 if blank_after else 0
    framed = [
        [*([(70, 810, head)] if head else []), *page, (290, 30, f"{number} / {len(pages)}")]
        for number, page in enumerate(pages, start=1)
    ]
    return pdf(framed)


def _wrapped(line: str, width: int) -> list[str]:
    pieces = [""]
    for word in line.split(" "):
        if pieces[-1] and len(pieces[-1]) + 1 + len(word) > width:
            pieces.append(word)
        else:
            pieces[-1] = f"{pieces[-1]} {word}" if pieces[-1] else word
    return pieces
