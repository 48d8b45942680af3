"""Files of one conversation, one a speaker, read as one session: ``seance_psy.TextGrid`` + ``seance_patient.TextGrid``.

In: the files found.  Out: the same list, where two such files stand as one input.  Nothing is put together that is not
certain: the files lie in one folder, their names differ by one word, which is a therapist's in one and a patient's in
the other (numbers and bare letters that could count sessions do not do), and their content fits
(:func:`alliance_nlp.formats.textgrid.together`).  A notice names both files in the session read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from alliance_nlp.batch.inputs import InputFile
from alliance_nlp.formats.names import fold
from alliance_nlp.formats.textgrid import together
from alliance_nlp.speakers.names import ROLE_OF_WORD
from alliance_nlp.transcript import PATIENT_SIDE, Role

_PARTS = re.compile(r"[^\W_]+|[\W_]+")


def with_conversations(inputs: Sequence[InputFile]) -> list[InputFile]:
    """Return the inputs, two files of one conversation as one, in the place of the first."""
    grids = [item for item in inputs if item.path is not None and item.name.lower().endswith(".textgrid")]
    waiting: dict[tuple[str, str], list[tuple[Role, InputFile]]] = {}
    for item in grids:
        for frame, role in _frames(item):
            waiting.setdefault(frame, []).append((role, item))
    taken = {item.name for item in inputs}
    joined: dict[str, InputFile | None] = {}
    for frame, found in waiting.items():
        pair = _pair(found, frame[1], taken)
        if pair is not None and not any(part.name in joined for part in pair):
            joined |= {pair[0].name: _together(pair, frame[1]), pair[1].name: None}
    places = [joined.get(item.name, item) for item in inputs]
    return [item for item in places if item is not None]


def _frames(item: InputFile) -> list[tuple[tuple[str, str], Role]]:
    """Return, for each role word in the name, what is left without it: (folder, name) and the role."""
    assert item.path is not None
    stem = PurePosixPath(item.name).stem
    parts = _PARTS.findall(stem)
    found = []
    for place, part in enumerate(parts):
        role = ROLE_OF_WORD.get(fold(part))
        if role is not None:
            rest = re.sub(r"^[\W_]+|[\W_]+$", "", "".join(parts[:place]).rstrip(" _-.") + "".join(parts[place + 1 :]))
            name = PurePosixPath(item.name).with_name((rest or "conversation") + ".TextGrid").as_posix()
            found.append(((str(item.path.resolve().parent), name), role))
    return found


def _pair(found: Sequence[tuple[Role, InputFile]], name: str, taken: set[str]) -> list[InputFile] | None:
    """Return the therapist's and the patient's file, in input order, when these two are all and belong together."""
    roles = [role for role, _ in found]
    one_each = len(found) == 2 and roles.count(Role.THERAPIST) == 1 and any(role in PATIENT_SIDE for role in roles)
    pair = [item for _, item in found]
    return pair if one_each and name not in taken and _fits(pair) else None


def _fits(pair: Sequence[InputFile]) -> bool:
    try:
        return together([(PurePosixPath(item.name).name, item.read()) for item in pair]) is not None
    except OSError:
        return False  # each is read alone, and says why it cannot be


def joined_bytes(parts: Sequence[InputFile]) -> bytes:
    """Return the two files as one TextGrid; OSError as the system gives it, or when a file has changed meanwhile."""
    data = together([(PurePosixPath(item.name).name, item.read()) for item in parts])
    if data is None:
        raise OSError(f"{parts[0].name}, {parts[1].name}")
    return data


def _together(pair: Sequence[InputFile], name: str) -> InputFile:
    return replace(pair[0], name=name, parts=tuple(pair))
