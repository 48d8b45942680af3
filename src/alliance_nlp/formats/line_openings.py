"""The ways a line can open with a speaker's name: « T : … », « **T** … », « Locuteur 1 [00:01:16] … ».

In: one line. Out: every :class:`Opening` it could have, the likeliest first. Which of them is true is not
for one line to say: :mod:`alliance_nlp.formats.prefixes` decides over the whole file. Every pattern looks
at the first 200 characters only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum

from alliance_nlp.formats.clock import seconds
from alliance_nlp.formats.names import MAX_NAME_CHARS, is_known_name, is_name_like, is_note_word, name_key
from alliance_nlp.formats.timestamps import SHORT_CLOCK, STAMP, Times, take_opening, times_of

HEAD_CHARS = 200  # a name of 63 characters, two stamps and their signs fit; keeps a 1 MB line fast


class Form(str, Enum):
    """How a name is set off from the speech."""

    COLON = "colon"  # T : …
    BOLD = "bold"  # **T** …
    BRACKET = "bracket"  # [Intervenant 1] …
    PAREN = "paren"  # (T) …
    TIMED = "timed"  # S1 00:00:01 …
    HEAD = "head"  # Locuteur 1 [00:01:16], the speech on the next line
    TAB = "tab"
    DASH = "dash"  # PSY – …
    DOT = "dot"  # Th. …
    ALONE = "alone"  # the name on its own line, the speech on the next

    @property
    def pool(self) -> Form:
        """The form its names are counted with: a name in bold or not is the same name."""
        return Form.COLON if self is Form.BOLD else self


@dataclass(frozen=True, slots=True)
class Opening:
    """How a line opens: the speaker's name as typed, the speech after it, the times beside it.

    ``number`` is the turn's number when names carry one (« T12 : »), which is then no part of the name.
    """

    name: str
    rest: str
    form: Form
    times: Times = Times()
    number: int | None = None

    @property
    def key(self) -> str:
        """What the name is compared by."""
        return name_key(self.name)


_BLANKS = " \t\u00a0\u202f"  # on a line, the typographic ones too
_SIGN = f"[{_BLANKS}]*"
# The colon is none of « http:// » nor of « 14:30 ».
_COLON = re.compile(
    rf"(?P<name>[^:：\n]{{1,{MAX_NAME_CHARS}}}?){_SIGN}[:：](?!//|(?<=\d:)\d)(?P<rest>.*)", re.DOTALL
)
_BOLD = re.compile(
    rf"(?P<mark>\*\*|__)(?P<name>[^*\n]{{1,{MAX_NAME_CHARS}}}?){_SIGN}[:：]?{_SIGN}(?P=mark){_SIGN}[:：–—]?(?P<rest>.*)",
    re.DOTALL,
)
_BRACKET = re.compile(
    rf"\[(?P<name>[^\[\]\n]{{1,{MAX_NAME_CHARS}}})\]{_SIGN}[:：–—-]?(?P<rest>.*)", re.DOTALL
)
_PAREN = re.compile(rf"\((?P<name>[^()\n]{{1,{MAX_NAME_CHARS}}})\){_SIGN}[:：–—-]?(?P<rest>.*)", re.DOTALL)
_TAB = re.compile(rf"(?P<name>[^\t:\n]{{1,{MAX_NAME_CHARS}}})\t(?P<rest>.*)", re.DOTALL)
_DASH = re.compile(
    rf"(?P<name>[^–—:\n]{{1,{MAX_NAME_CHARS}}}?)(?:[{_BLANKS}]+-[{_BLANKS}]+|{_SIGN}[–—]{_SIGN})(?P<rest>.*)",
    re.DOTALL,
)
_DOT = re.compile(r"(?P<name>[^\W\d_]{1,6})\.\s(?P<rest>.*)", re.DOTALL)
_SIMPLE_FORMS = ((Form.BOLD, _BOLD), (Form.BRACKET, _BRACKET), (Form.PAREN, _PAREN), (Form.COLON, _COLON))
_LATER_FORMS = ((Form.TAB, _TAB), (Form.DASH, _DASH), (Form.DOT, _DOT))
_BULLET = re.compile(r"(?:[-–—*•]|>{1,3}|#{1,6}|\d{1,5}[.)]?)[ \t\u00a0]+")
_NOTE_AFTER = re.compile(r"(?P<name>.+?)\s*(?P<note>[(\[][^()\[\]]{1,50}[)\]])")


def candidates(line: str) -> list[Opening]:
    """Return every way the line could open, the likeliest first."""
    line = line.strip()
    head, tail = line[:HEAD_CHARS], line[HEAD_CHARS:]
    before, body = _leading_stamp(head)
    found = _read_forms(body, before)
    bullet = _BULLET.match(body)
    if bullet is not None:
        forms = (Form.COLON, Form.BOLD, Form.ALONE)
        found += [o for o in _read_forms(body[bullet.end() :], before) if o.form in forms]
    return [replace(opening, rest=(opening.rest + tail).strip()) for opening in found]


def _leading_stamp(head: str) -> tuple[Times, str]:
    stamped = take_opening(head)
    short = SHORT_CLOCK.match(head)  # « 0:03 Locuteur 1 »
    if stamped.times == Times() and short is not None:
        return Times(seconds(short[0])), head[short.end() :].lstrip()
    # « [00:01:16]: Locuteur 1 » and « 00:01:16 - Locuteur 1 »
    return stamped.times, stamped.text.lstrip(" -–:") if stamped.times != Times() else stamped.text


def _read_forms(body: str, before: Times) -> list[Opening]:
    found = [_timed(body, before), _with_note_after(body, before)]
    found += [_matched(form, pattern, body, before) for form, pattern in _SIMPLE_FORMS]
    found += [_matched(form, pattern, body, before) for form, pattern in _LATER_FORMS]
    if len(body) <= MAX_NAME_CHARS:
        name = body.strip(" *_")
        beside_time = before.start_s is not None and is_known_name(name)
        found.append(Opening(name, "", Form.HEAD if beside_time else Form.ALONE, before))
    return [o for o in found if o is not None and is_name_like(o.name)]


def _matched(form: Form, pattern: re.Pattern[str], body: str, before: Times) -> Opening | None:
    match = pattern.match(body)
    if match is None or (form in (Form.BRACKET, Form.PAREN) and is_note_word(match["name"])):
        return None
    after = take_opening(match["rest"].lstrip(_BLANKS + ":"))
    if after.times == Times():
        after = replace(after, text=match["rest"])
    return Opening(
        match["name"].strip(" *_\u00a0\u202f"), after.text.lstrip(_BLANKS), form, before.or_else(after.times)
    )


def _timed(body: str, before: Times) -> Opening | None:
    """Read « S1 00:00:01 Oui », « Locuteur 1 [00:01:16] : … », « Locuteur 1  0:03 »."""
    match = STAMP.search(body, 1)
    short = SHORT_CLOCK.search(body)
    if match is None and short is not None and short.end() == len(body) and short.start() > 0:
        name = body[: short.start()].strip(" \t-–,|")
        return Opening(name, "", Form.HEAD, before.or_else(Times(seconds(short[0]))))
    if match is None or before.start_s is not None:
        return None
    rest = body[match.end() :].lstrip(_BLANKS)
    if not rest and match["f1"]:
        return None  # f4 stamps the end of the speech
    form = Form.HEAD if not rest else Form.COLON if rest[0] in ":：" else Form.TIMED
    return Opening(body[: match.start()].strip(" \t-–,|*:"), rest.lstrip(" :："), form, times_of(match))


def _with_note_after(body: str, before: Times) -> Opening | None:
    """Read « P (rit) : … »: the note belongs to the speech."""
    opening = _matched(Form.COLON, _COLON, body, before)
    match = _NOTE_AFTER.fullmatch(opening.name) if opening is not None else None
    if opening is None or match is None or not is_note_word(match["note"]):
        return None
    return replace(opening, name=match["name"].strip(), rest=f"{match['note']} {opening.rest}".strip())
