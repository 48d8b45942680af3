"""How an OpenDocument text looks: bold and hidden styles, lists that print a dash.

In: the open package.  Out: :class:`OdtLook`.  (OpenDocument 1.3, part 3: styles are named, and automatic ones stand in
``content.xml`` beside the text.)  The text is left to :mod:`alliance_nlp.formats.odt_body`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from alliance_nlp.formats.docx_look import child_of, local_name, value_of
from alliance_nlp.formats.package import parse_part

SUFFIX = ".odt"
BOLD_WEIGHT = 600  # CSS: semi-bold; Word and LibreOffice write "bold" or 700
_DASHES = frozenset("-–—―‐‑−")


@dataclass(frozen=True, slots=True)
class Style:
    """What one style says itself (None: nothing), and the name of the style it is based on."""

    parent: str = ""
    is_bold: bool | None = None
    is_hidden: bool | None = None
    list_style: str = ""


@dataclass(frozen=True, slots=True)
class OdtLook:
    """The styles of paragraphs and runs by (family, name), and the (list style, level) pairs that print a dash."""

    styles: Mapping[tuple[str, str], Style] = field(default_factory=dict)
    dash_levels: frozenset[tuple[str, int]] = frozenset()

    def is_bold(self, family: str, name: str) -> bool | None:
        """Return whether a style is bold, itself or through its parents; None when none of them says."""
        return next((style.is_bold for style in self._line(family, name) if style.is_bold is not None), None)

    def is_hidden(self, family: str, name: str) -> bool:
        """Return whether text in this style is hidden."""
        return next((bool(style.is_hidden) for style in self._line(family, name) if style.is_hidden is not None), False)

    def list_style(self, name: str) -> str:
        """Return the list style that a paragraph style brings along, "" for none."""
        return next((style.list_style for style in self._line("paragraph", name) if style.list_style), "")

    def _line(self, family: str, name: str) -> Iterable[Style]:
        seen: set[str] = set()
        while name and name not in seen and (family, name) in self.styles:
            seen.add(name)
            style = self.styles[family, name]
            yield style
            name = style.parent


def read_look(package: zipfile.ZipFile, content: etree._Element, name: str) -> OdtLook:
    """Return the look of the document: ``styles.xml`` first, then the automatic styles of ``content``."""
    roots = [content]
    if "styles.xml" in package.namelist():
        roots.insert(0, parse_part(package, "styles.xml", name, suffix=SUFFIX))
    styles = {key: style for root in roots for key, style in _styles(root)}
    return OdtLook(styles, frozenset(level for root in roots for level in _dash_levels(root)))


def _styles(root: etree._Element) -> Iterable[tuple[tuple[str, str], Style]]:
    for element in root.iter("{*}style"):
        text = child_of(element, "text-properties")
        style = Style(
            parent=value_of(element, "parent-style-name"),
            is_bold=_bold(value_of(text, "font-weight")),
            is_hidden={"none": True, "true": False}.get(value_of(text, "display")),
            list_style=value_of(element, "list-style-name"),
        )
        yield (value_of(element, "family"), value_of(element, "name")), style


def _bold(weight: str) -> bool | None:
    if not weight:
        return None
    return int(weight) >= BOLD_WEIGHT if weight.isascii() and weight.isdigit() and len(weight) < 6 else weight == "bold"


def _dash_levels(root: etree._Element) -> Iterable[tuple[str, int]]:
    for element in root.iter("{*}list-style"):
        for level in element:
            if isinstance(level.tag, str) and local_name(level) == "list-level-style-bullet":
                depth = value_of(level, "level")
                if value_of(level, "bullet-char").strip() in _DASHES and depth.isdecimal() and len(depth) < 4:
                    yield value_of(element, "name"), int(depth)
