"""Which lines of a plain-text transcript open with a speaker's name, and what the name is.

In: the lines of a file (or the cues of subtitles, the paragraphs of a document). Out: for each line its
:class:`Opening` (name, times, the speech after it), or None. Every line is first read in all the ways it
could open (:mod:`alliance_nlp.formats.line_openings`); then the file as a whole decides: a name is a
speaker's when it is a role word or a usual pattern, when it opens several lines, or when (nearly) all lines
open with a name. A colon inside speech (« il m'a dit : viens », « Alors : … ») does none of these.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from alliance_nlp.formats.line_openings import Form, Opening, candidates
from alliance_nlp.formats.names import WEAK_NAMES, is_known_name, name_key

ALL_LINES = 0.9  # share of lines that open with a name from which each such line is believed
SHARE = 0.3  # share of lines needed by the forms that ordinary text also takes ([…], dash, tab)
RARE_SHARE = 0.1  # the same for a name beside a time, which ordinary text hardly ever has
ALONE_SHARE = 0.2  # names alone on a line: one line in five, when a turn takes four lines
SPARSE = 0.02  # fewer lines than that opening with names that are no role words: they are no turns

_NUMBERED = re.compile(r"(?P<stem>[^\W\d_]{1,12})[ .]?(?P<number>\d{1,4})")

Candidates = list[list[Opening]]  # for each line, every way it could open


def openings(lines: Sequence[str], *, alone: bool = True) -> list[Opening | None]:
    """Return for each line how it opens, None when with no speaker's name.

    ``alone`` False leaves out names alone on their line, for cues that each hold speech.

    >>> [opening and opening.name for opening in openings(["T : Il a dit : viens ?", "P : Oui.", "Voilà."])]
    ['T', 'P', None]
    """
    read = _without_turn_numbers([candidates(line) for line in lines])
    accepted = _accepted(read, lines)
    if alone:
        accepted |= _accepted_alone(read, lines, accepted)
    chosen = [next((o for o in found if (o.form.pool, o.key) in accepted), None) for found in read]
    chosen = _with_single_names(chosen, read, lines)
    return _same_spelling([None] * len(lines) if _is_sparse(chosen, lines) else chosen)


def lone_names(lines: Sequence[str], chosen: Sequence[Opening | None]) -> list[int]:
    """Return the 0-based places, after the first turn, of lines that open with what may be a name."""
    return [
        place
        for place in range(_first(chosen), len(lines))
        if chosen[place] is None and any(map(_is_doubtful, candidates(lines[place])))
    ]


def _is_doubtful(opening: Opening) -> bool:
    if opening.form is Form.DOT:
        return is_known_name(opening.name)
    return opening.form is Form.COLON and opening.name[:1].isupper() and len(opening.name) <= 25


# ---------------------------------------------------------------------------------------- the whole file


def _accepted(read: Candidates, lines: Sequence[str]) -> set[tuple[Form, str]]:
    """Return the (form, name) pairs that are speakers, names alone on a line left aside."""
    counts = Counter(pair for found in read for pair in {(o.form.pool, o.key) for o in found})
    spoken = max(sum(1 for line in lines if line.strip()), 1)
    totals: Counter[Form] = Counter()
    for (form, _), count in counts.items():
        totals[form] += count if count > 1 else 0
    accepted = {
        (form, key)
        for (form, key), count in counts.items()
        if form is not Form.ALONE
        and key not in WEAK_NAMES
        and _is_speaker(form, is_known_name(key), count, totals[form] / spoken)
    }
    # « T - Oui. » among « T : … »: the same hand, another sign.
    same_hand = {(Form.DASH, key) for form, key in accepted if form is Form.COLON and is_known_name(key)}
    return accepted | same_hand | _known_together(counts, spoken)


def _known_together(counts: Counter[tuple[Form, str]], spoken: int) -> set[tuple[Form, str]]:
    """Return « PSY – » and « PAT – », even met once each, when two role names in one form open most lines."""
    kept: set[tuple[Form, str]] = set()
    for form in (Form.DASH, Form.DOT, Form.PAREN):
        known = {pair: count for pair, count in counts.items() if pair[0] is form and is_known_name(pair[1])}
        if len(known) >= 2 and sum(known.values()) >= SHARE * spoken:
            kept |= set(known)
    return kept


def _is_speaker(form: Form, is_known: bool, count: int, share: float) -> bool:
    """Decide on one name: ``count`` lines open with it, ``share`` of all lines open in this form."""
    if form is Form.COLON:
        return is_known or count >= 2
    if form is Form.TIMED:
        return is_known or (count >= 2 and share >= RARE_SHARE)
    if form is Form.HEAD:
        return is_known
    if form in (Form.BRACKET, Form.TAB):
        return is_known or (count >= 2 and share >= SHARE)
    if form is Form.DASH:
        return count >= 2 and (is_known or (count >= 3 and share >= SHARE))
    return is_known and count >= 2  # (T) and Th., which also begin ordinary lines


def _accepted_alone(
    read: Candidates, lines: Sequence[str], accepted: set[tuple[Form, str]]
) -> set[tuple[Form, str]]:
    """Return the names that stand on lines of their own, each followed by a line of speech.

    They must be more than the names beside speech: a word alone on a line is otherwise just said.
    """
    beside = sum(1 for found in read if any((o.form.pool, o.key) in accepted for o in found))
    spoken = max(sum(1 for line in lines if line.strip()), 1)
    kept: set[tuple[Form, str]] = set()
    for form, share in ((Form.ALONE, ALONE_SHARE), (Form.HEAD, RARE_SHARE)):
        counts = Counter(opening.key for opening in _names_before_speech(read, lines, form))
        likely = {
            key for key, count in counts.items() if count >= 2 or is_known_name(key) or form is Form.HEAD
        }
        known = {key for key in likely if is_known_name(key)}
        lines_of_likely = sum(counts[key] for key in likely)
        if len(likely) < 2 or lines_of_likely < share * spoken:
            likely = known if sum(counts[key] for key in known) >= 2 else set()
        if sum(counts[key] for key in likely) > beside:
            kept |= {(form, key) for key in likely}
    return kept


def _names_before_speech(read: Candidates, lines: Sequence[str], form: Form) -> Iterator[Opening]:
    """Give the names alone on a line whose next line is another one, and no such name itself."""
    following = ""  # the next line that is not blank
    is_name_next = False
    for found, line in zip(reversed(read), reversed(lines)):
        if not line.strip():
            continue
        name = next((o for o in found if o.form is form), None)
        fits = name is not None and (name.name[:1].isupper() or is_known_name(name.name))
        if name is not None and fits and len(name.name.split()) <= 4 and following not in ("", line.strip()):
            if form is Form.ALONE or not is_name_next:
                yield name
        following, is_name_next = line.strip(), name is not None


def _with_single_names(
    chosen: list[Opening | None], read: Candidates, lines: Sequence[str]
) -> list[Opening | None]:
    """Believe also names met once, when from the first one on (nearly) every line opens with a name."""
    several = len({opening.key for opening in chosen if opening is not None}) > 1
    typed = [c or _colon_name(found, weak=not several) for c, found in zip(chosen, read)]
    counts = Counter(opening.key for opening in typed if opening is not None)
    sure = [
        o if c is not None or (o is not None and counts[o.key] > 1) else None for c, o in zip(chosen, typed)
    ]
    first = _first(sure if any(sure) else typed)
    spoken = [place for place in range(first, len(lines)) if lines[place].strip()]
    named = sum(1 for place in spoken if typed[place] is not None)
    if named < 2 or named < ALL_LINES * len(spoken):
        return chosen
    return [None] * first + typed[first:]


def _colon_name(found: list[Opening], *, weak: bool) -> Opening | None:
    """Return the name before a colon; « Lui : » among two named speakers is reported speech."""
    return next((o for o in found if o.form.pool is Form.COLON and (weak or o.key not in WEAK_NAMES)), None)


def _first(openings: Sequence[Opening | None]) -> int:
    return next((place for place, opening in enumerate(openings) if opening is not None), len(openings))


def _is_sparse(chosen: Sequence[Opening | None], lines: Sequence[str]) -> bool:
    """True when names open so few lines, or so late, that they are more likely words of the text."""
    spoken = [opening for opening, line in zip(chosen, lines) if line.strip()]
    named = sum(1 for opening in spoken if opening is not None)
    known = {o.key for o in spoken if o is not None and is_known_name(o.name)}
    if named == 0 or (named < SPARSE * len(spoken) and len(known) < 2):
        return True
    before = next(place for place, opening in enumerate(spoken) if opening is not None)
    return before > 10 and before > len(spoken) / 4 and named < SHARE * (len(spoken) - before)


# ---------------------------------------------------------------------------------------- spelling


def _without_turn_numbers(read: Candidates) -> Candidates:
    """Take the turn's number off names that count turns (« T1 : », « P1 : », « T2 : », « P2 : »…)."""
    steps: dict[str, list[int]] = defaultdict(list)
    for found in read:
        label = next((m for o in found if o.form is Form.COLON and (m := _NUMBERED.fullmatch(o.name))), None)
        if label is not None:
            steps[name_key(label["stem"])].append(int(label["number"]))
    counting = {stem for stem, numbers in steps.items() if _count_up(numbers)}
    if len(steps) < 2 or len(counting) < len(steps) or max(map(len, steps.values())) < 3:
        return read
    return [[_numberless(opening, counting) for opening in found] for found in read]


def _count_up(numbers: list[int]) -> bool:
    rising = sum(1 for before, after in zip(numbers, numbers[1:]) if after > before)
    return rising >= 0.9 * (len(numbers) - 1)  # a slip of the typist's is no other numbering


def _numberless(opening: Opening, counting: set[str]) -> Opening:
    match = _NUMBERED.fullmatch(opening.name)
    if match is None or name_key(match["stem"]) not in counting:
        return opening
    return replace(opening, name=match["stem"], number=int(match["number"]))


def _same_spelling(chosen: Sequence[Opening | None]) -> list[Opening | None]:
    """Give every speaker the first spelling met: « Th. », « TH » and « th » are one."""
    spelling: dict[str, str] = {}
    for opening in chosen:
        if opening is not None:
            spelling.setdefault(opening.key, opening.name)
    return [opening and replace(opening, name=spelling[opening.key]) for opening in chosen]
