"""How a Word document looks: bold styles, lists that print a dash; and the few ways its XML is read.

In: the open package.  Out: :class:`Look`.  The text is left to :mod:`alliance_nlp.formats.docx_body`.
"""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass

from lxml import etree

from alliance_nlp.formats.package import parse_part

SUFFIX = ".docx"
_DASHES = frozenset("-–—―‐‑−")
_OFF = frozenset({"0", "false", "off", "none"})


@dataclass(frozen=True, slots=True)
class Look:
    """What the styles and lists of a document say: which styles are bold, which list levels print a dash."""

    bold_styles: frozenset[str] = frozenset()
    dash_levels: frozenset[tuple[str, str]] = frozenset()


def read_look(package: zipfile.ZipFile, folder: str, name: str) -> Look:
    """Return the look of the document whose main part lies in ``folder`` of the package."""
    parts = set(package.namelist())
    styles, lists = posixpath.join(folder, "styles.xml"), posixpath.join(folder, "numbering.xml")
    return Look(
        _bold_styles(parse_part(package, styles, name, suffix=SUFFIX)) if styles in parts else frozenset(),
        _dash_levels(parse_part(package, lists, name, suffix=SUFFIX)) if lists in parts else frozenset(),
    )


def _bold_styles(styles: etree._Element) -> frozenset[str]:
    """Return the ids of the styles that are bold themselves or through the style they are based on."""
    own: dict[str, bool | None] = {}
    base: dict[str, str] = {}
    for style in styles.iter("{*}style"):
        style_id = value_of(style, "styleId")
        own[style_id] = bold_setting(child_of(style, "rPr"))
        base[style_id] = value_of(child_of(style, "basedOn"), "val")

    def is_bold(style_id: str) -> bool:
        seen: set[str] = set()
        while style_id in own and style_id not in seen and own[style_id] is None:
            seen.add(style_id)
            style_id = base[style_id]
        return bool(own.get(style_id))

    return frozenset(style_id for style_id in own if is_bold(style_id))


def _dash_levels(numbering: etree._Element) -> frozenset[tuple[str, str]]:
    """Return the (list, level) pairs that print a dash: Word turns a typed dialogue dash into such a list."""
    dashed: dict[str, set[str]] = {}
    for abstract in numbering.iter("{*}abstractNum"):
        levels = {
            value_of(level, "ilvl")
            for level in abstract.iter("{*}lvl")
            if value_of(child_of(level, "lvlText"), "val").strip() in _DASHES
        }
        dashed[value_of(abstract, "abstractNumId")] = levels
    return frozenset(
        (value_of(number, "numId"), level)
        for number in numbering.iter("{*}num")
        for level in dashed.get(value_of(child_of(number, "abstractNumId"), "val"), ())
    )


# ---------------------------------------------------------------------------------------- XML


def bold_setting(properties: etree._Element | None) -> bool | None:
    """Return whether run properties say bold or not bold, None when they say nothing of it."""
    bold = child_of(properties, "b")
    return None if bold is None else is_on(bold)


def local_name(element: etree._Element) -> str:
    """Return an element's name without namespace: OOXML has two, transitional and strict."""
    return str(element.tag).rpartition("}")[2]


def child_of(element: etree._Element | None, name: str) -> etree._Element | None:
    """Return the first child called ``name``, None when there is none, or no element."""
    return None if element is None else element.find(f"{{*}}{name}")


def value_of(element: etree._Element | None, name: str) -> str:
    """Return an attribute in whatever namespace, "" when it is absent."""
    if element is None:
        return ""
    return next(
        (str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), ""
    )


def is_on(element: etree._Element | None) -> bool:
    """Return whether a switch (``<w:b/>``) is there and not set to off."""
    return element is not None and value_of(element, "val") not in _OFF
