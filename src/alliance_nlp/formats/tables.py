"""Tables (``.csv``, ``.tsv``, ``.xlsx``), one row a stretch of talk → one draft a session.

In: the bytes of a file and the user's ``--columns``.  Out: drafts, with each row's number as ``line`` and the
columns that mean nothing here as ``Utterance.extra``.  Columns are found by the names people give them, in
French and English (:mod:`alliance_nlp.formats.columns`).  Rows are not merged into turns: segmentation does
that.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.formats.clock import seconds, timespan
from alliance_nlp.formats.code_columns import Coding, coded_markers, coding_of
from alliance_nlp.formats.coded_tables import our_table, our_workbook, sessions_of
from alliance_nlp.formats.columns import plain_name
from alliance_nlp.formats.encoding import decode
from alliance_nlp.formats.names import declared_role
from alliance_nlp.formats.prefixes import openings
from alliance_nlp.formats.sheets import Row, text_sheet, workbook_sheets
from alliance_nlp.formats.table_header import Table, column_places, table_of, wanted_columns, workbook_table
from alliance_nlp.segmentation import Utterance
from alliance_nlp.transcript import Notice, Role, Transcript

_SESSION_IDS = frozenset(
    {"session id", "id session", "seance id", "id seance"}
)  # names that promise a whole id
_FILE_NAMES = frozenset({"fichier", "nom du fichier", "file", "filename", "file name", "document"})
_NO_ROLE = frozenset({"", "unknown", "inconnu", "inconnue"})

_JOINT = re.compile(r"\s*---\s*")  # Teams2NVivo sets it between cues that it puts in one row

SessionKey = tuple[str | None, str | None]  # dyad, session


@dataclass(frozen=True, slots=True)
class Entry:
    """One row with text: what it says of itself beside the utterance."""

    utterance: Utterance
    session: SessionKey
    turn: str
    role: str
    bad_time: bool


def read(data: bytes, name: str, options: ReadOptions) -> list[Draft | Transcript]:
    """Return one draft a session of the table.

    Raises TranscriptFormatError when the file is no table, has no column of text or no text in it, and
    ConfigError for ``--columns`` that name no kind of column.
    """
    wanted = wanted_columns(options.columns)
    encoding = None
    if data.startswith(b"PK") or name.lower().endswith((".xlsx", ".xlsm", ".xls")):
        sheets = workbook_sheets(data, name)
        if not wanted and (ours := our_workbook(sheets)) is not None:
            return list(sessions_of(ours, data, name, options))
        table = workbook_table(sheets, wanted, name)
    else:
        decoded = decode(data, name)
        sheet = text_sheet(decoded.text, name, is_header=lambda row: column_places(row, wanted) is not None)
        if not wanted and (ours := our_table(sheet, name)) is not None:
            return list(sessions_of(ours, data, name, options, encoding=decoded.encoding))
        table, encoding = table_of(sheet, wanted, name), decoded.encoding
    coding = coding_of(table.header, table.places.values()) if "coder" in table.places else None
    entries = _entries(table, coding)
    if not entries:
        raise TranscriptFormatError("files.table_no_text", file=name)
    if not {"speaker", "role"} & set(table.places):
        entries = _named_by_text(entries)
    notices = coding.notices() if coding else []
    drafts = _drafts(entries, table, PurePath(name).stem)
    return [replace(draft, encoding=encoding, notices=(*draft.notices, *notices)) for draft in drafts]


# ---------------------------------------------------------------------------------------- rows


def _entries(table: Table, coding: Coding | None) -> list[Entry]:
    """Return the rows that hold text.  A blank session or dyad means: the same as above (merged cells)."""
    entries = []
    dyad: str | None = None
    session: str | None = None
    extra_names = _extra_names(table)
    extra_names = {place: key for place, key in extra_names.items() if coding is None or place not in coding.columns}
    for row in table.rows:
        dyad = _cell(row, table, "dyad") or dyad
        session = _cell(row, table, "session") or session
        if _cell(row, table, "text"):
            entry = _entry(row, table, (dyad, session), extra_names)
            coder = _cell(row, table, "coder")
            if coding is not None and coder:
                markers = coded_markers(row.cells, coding, coder, row=row.number)
                entry = replace(entry, utterance=replace(entry.utterance, markers=markers))
            entries.append(entry)
    return entries


def _entry(row: Row, table: Table, session: SessionKey, extra_names: Mapping[int, str]) -> Entry:
    start_s, bad_start = _time(row, table, "start")
    end_s, bad_end = _time(row, table, "end")
    span = timespan(_cell(row, table, "start")) if bad_start else None
    if span is not None:  # NVivo: « 00:00:03.1 - 00:00:05.2 » in one column
        start_s, end_s, bad_start = span[0], span[1] if end_s is None else end_s, False
    role = _cell(row, table, "role")
    speaker = _cell(row, table, "speaker") if "speaker" in table.places else role
    utterance = Utterance(
        speaker=speaker.rstrip(" \u00a0\u202f:") or None,
        text=_JOINT.sub(" ", _cell(row, table, "text")) if span_table(table) else _cell(row, table, "text"),
        line=row.number,
        start_s=start_s,
        end_s=end_s,
        extra=_extra(row, extra_names),
    )
    return Entry(utterance, session, _cell(row, table, "turn"), role, bad_start or bad_end)


def span_table(table: Table) -> bool:
    """True for a table as NVivo writes it, with a « Timespan » of start and end."""
    place = table.places.get("start")
    return bool(table.header) and place is not None and plain_name(table.header[place]) == "timespan"


def _named_by_text(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries with the names that open their texts (« T : … »), each valid until the next one."""
    speaker: str | None = None
    session: SessionKey | None = None
    named = []
    for entry, opening in zip(entries, openings([entry.utterance.text for entry in entries], alone=False)):
        speaker = speaker if entry.session == session else None
        session = entry.session
        text = entry.utterance.text
        if opening is not None:
            speaker, text = opening.name, opening.rest
        named.append(replace(entry, utterance=replace(entry.utterance, speaker=speaker, text=text)))
    return named


def _cell(row: Row, table: Table, what: str) -> str:
    place = table.places.get(what)
    if place is None or place >= len(row.cells):
        return ""
    return unicodedata.normalize("NFC", row.cells[place]).strip()


def _time(row: Row, table: Table, what: str) -> tuple[float | None, bool]:
    """Return the seconds in a cell, and whether there is something that is no time."""
    cell = _cell(row, table, what)
    value = seconds(cell) if cell else None
    if value is None:
        return None, bool(cell)
    name = table.header[table.places[what]] if table.header else ""
    in_milliseconds = re.search(r"\bms\b", name.casefold().replace("_", " ")) is not None
    return value / 1000 if in_milliseconds else value, False


def _extra_names(table: Table) -> dict[int, str]:
    """Return the keys under which the columns without a meaning here are kept, by place."""
    names: dict[int, str] = {}
    width = max((len(row.cells) for row in table.rows), default=0)
    for place in set(range(width)) - set(table.places.values()):
        name = unicodedata.normalize("NFC", table.header[place]) if place < len(table.header) else ""
        if not name or name in names.values():
            name = str(place + 1)
        names[place] = f"column {name}" if name.isdigit() else name
    return names


def _extra(row: Row, names: Mapping[int, str]) -> dict[str, str]:
    cells = ((place, cell.strip()) for place, cell in enumerate(row.cells))
    return {
        names[place]: unicodedata.normalize("NFC", cell) for place, cell in cells if place in names and cell
    }


# ---------------------------------------------------------------------------------------- sessions


def _drafts(entries: Sequence[Entry], table: Table, stem: str) -> list[Draft]:
    """Return one draft for each dyad and session, in the order in which they first come."""
    sessions: dict[SessionKey, list[Entry]] = {}
    for entry in entries:
        sessions.setdefault(entry.session, []).append(entry)
    ids = _session_ids(list(sessions), table, stem)
    return [_draft(sessions[key], key, ids[key], table.notices) for key in sessions]


def _draft(
    entries: Sequence[Entry], key: SessionKey, session_id: str | None, notices: tuple[Notice, ...]
) -> Draft:
    dyad, session = key
    metadata: dict[str, object] = {} if dyad is None else {"dyad_id": dyad}
    if session is not None and session.isdecimal():
        metadata["session_number"] = int(session)
    roles, role_notices = _declared_roles(entries)
    ordered, order_notices = _in_turn_order(entries)
    return Draft(
        utterances=tuple(entry.utterance for entry in ordered),
        roles=roles,
        metadata=metadata,
        session_id=session_id,
        notices=(*notices, *role_notices, *order_notices, *_row_notices(entries)),
    )


def _session_ids(keys: Sequence[SessionKey], table: Table, stem: str) -> dict[SessionKey, str | None]:
    """Return each session's id: as typed if it can stand alone, else after the dyad or the file's name."""
    uses = Counter(session for _, session in keys)
    column = (
        plain_name(table.header[table.places["session"]])
        if table.header and "session" in table.places
        else ""
    )
    ids: dict[SessionKey, str | None] = {}
    for dyad, session in keys:
        if session is None:
            ids[dyad, session] = dyad
        elif uses[session] > 1 or (session.isdecimal() and column not in _SESSION_IDS):
            ids[dyad, session] = f"{dyad or stem}-{session}"
        elif column in _FILE_NAMES:
            ids[dyad, session] = PurePath(re.split(r"[\\/]", session)[-1]).stem
        else:
            ids[dyad, session] = session
    return ids


def _declared_roles(entries: Sequence[Entry]) -> tuple[dict[str, Role], tuple[Notice, ...]]:
    """Return the roles that a column of roles declares; the first one counts when a speaker has several."""
    roles: dict[str, Role] = {}
    unread: dict[str, int | None] = {}
    for entry in entries:
        speaker, line = entry.utterance.speaker, entry.utterance.line
        if speaker is None or plain_name(entry.role) in _NO_ROLE:
            continue
        role = declared_role(entry.role)
        if role is None or roles.get(speaker, role) is not role:
            unread.setdefault(speaker, line)
        else:
            roles[speaker] = role
    return roles, tuple(
        Notice("files.table_bad_role", line=unread[name], params={"speaker": name}) for name in unread
    )


def _in_turn_order(entries: Sequence[Entry]) -> tuple[list[Entry], tuple[Notice, ...]]:
    """Put rows sorted by something else back in the order of their turn numbers, if each has its own."""
    numbers = [int(entry.turn) for entry in entries if entry.turn.isdecimal() and len(entry.turn) < 10]
    if len(numbers) < len(entries) or len(set(numbers)) < len(numbers) or numbers == sorted(numbers):
        return list(entries), ()
    ordered = sorted(entries, key=lambda entry: int(entry.turn))
    return ordered, (Notice("files.table_reordered"),)


def _row_notices(entries: Sequence[Entry]) -> list[Notice]:
    unnamed = [entry.utterance.line for entry in entries if entry.utterance.speaker is None]
    untimed = [entry.utterance.line for entry in entries if entry.bad_time]
    notices = []
    if unnamed:
        params = {"count": len(unnamed), "total": len(entries)}
        notices.append(Notice("files.without_speaker", line=unnamed[0], params=params))
    if untimed:
        notices.append(Notice("files.bad_times", line=untimed[0], params={"count": len(untimed)}))
    return notices
