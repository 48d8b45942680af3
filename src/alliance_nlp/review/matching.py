"""The turns of two readings of one session matched by their text, and spans found again in a changed text.  Standard library only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from alliance_nlp.transcript import Span

MIN_RATIO = 0.85  # of difflib: a corrected word or comma in a sentence passes, another sentence with the same opening does not
MIN_FUZZY_CHARS = 15  # shorter turns (« Oui, voilà. ») resemble too many others
NEAREST = 3  # turns offered to a person: one key each, read at a glance
NEARBY = 0.3  # what standing at the expected place is worth beside shared words: enough to lead where a text shares none
FUZZY_REACH = 40  # turns around the expected place that are compared: keeps 5,000 changed turns from 25 million comparisons


def match_turns(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """Return places in ``new`` by places in ``old``; no place is given twice, doubtful ones are left out.

    >>> match_turns(["Oui.", "Le carnet,  ça va ?"], ["Bonjour.", "Le carnet, ça va ?"])
    {1: 1}
    """
    if list(old) == list(new):
        return {k: k for k in range(len(old))}
    places = same_texts(old, new, {})
    places = same_texts([squeeze(text) for text in old], [squeeze(text) for text in new], places)
    return dict(sorted((places | near_texts(old, new, places)).items()))


def squeeze(text: str) -> str:
    """Return the text with every run of white space (no-break spaces too) as one space."""
    return " ".join(text.split())


def same_texts(old: Sequence[str], new: Sequence[str], known: Mapping[int, int]) -> dict[int, int]:
    """Return ``known`` with the equal texts that are still free: in order first, then texts that stand once on either side."""
    places = dict(known)
    left = [k for k in range(len(old)) if k not in places]
    taken = set(places.values())
    right = [k for k in range(len(new)) if k not in taken]
    counts = Counter(old), Counter(new)  # of the whole session: what is left of a repeated text is no less doubtful
    matcher = SequenceMatcher(None, [old[k] for k in left], [new[k] for k in right], autojunk=False)
    candidates: list[tuple[int, int]] = []
    for block in matcher.get_matching_blocks():
        pairs = [(left[block.a + k], right[block.b + k]) for k in range(block.size)]
        once = [(a, b) for a, b in pairs if counts[0][old[a]] == counts[1][new[b]] == 1]
        # A short text alone among changed ones (« Non. ») may be the answer to another question.
        places.update((a, b) for a, b in once if block.size > 1 or len(old[a]) >= MIN_FUZZY_CHARS)
        candidates += pairs
    places.update(moved_uniques(old, new, left, right, counts))
    return grown(places, candidates)


def moved_uniques(
    old: Sequence[str], new: Sequence[str], left: Sequence[int], right: Sequence[int], counts: tuple[Counter[str], Counter[str]]
) -> dict[int, int]:
    """Return the texts that stand once on either side, wherever they went; short ones (« Oui. ») may be others' and stay."""
    where = {new[b]: b for b in right if counts[1][new[b]] == 1 and len(new[b]) >= MIN_FUZZY_CHARS}
    return {a: where[old[a]] for a in left if counts[0][old[a]] == 1 and old[a] in where}


def grown(places: dict[int, int], candidates: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Add repeated texts that stand right beside a matched turn on both sides, walking forwards, then backwards."""
    taken = set(places.values())
    for step, order in ((-1, candidates), (1, candidates[::-1])):
        for a, b in order:
            if a not in places and b not in taken and places.get(a + step) == b + step:
                places[a] = b
                taken.add(b)
    return places


def near_texts(old: Sequence[str], new: Sequence[str], known: Mapping[int, int]) -> dict[int, int]:
    """Return the turns that nearly agree, where one alone fits on either side."""
    taken = set(known.values())
    free = [k for k in range(len(new)) if k not in taken and len(new[k]) >= MIN_FUZZY_CHARS]
    fits: dict[int, list[int]] = {}
    expected = -1
    for a in range(len(old)):
        expected = known.get(a, expected + 1)
        if a not in known and len(old[a]) >= MIN_FUZZY_CHARS:
            fits[a] = [b for b in free if abs(b - expected) <= FUZZY_REACH and is_near(old[a], new[b])]
    claims = Counter(b for found in fits.values() for b in found)
    return {a: found[0] for a, found in fits.items() if len(found) == 1 and claims[found[0]] == 1}


def is_near(old: str, new: str) -> bool:
    """True when the two texts, without case and white space, have at least ``MIN_RATIO`` in common."""
    matcher = SequenceMatcher(None, squeeze(old).casefold(), squeeze(new).casefold(), autojunk=False)
    quick = matcher.real_quick_ratio() >= MIN_RATIO and matcher.quick_ratio() >= MIN_RATIO
    return quick and matcher.ratio() >= MIN_RATIO


def relocate(old: str, span: Span, new: str) -> Span | None:
    """Return where ``new`` has the words of ``old[span]``; None when it has them nowhere, or in several places.

    >>> relocate("Oui, d'accord.", Span(5, 13), "Oui,  d'accord !")
    Span(start=6, end=14)
    """
    if old == new:
        return span
    words = old[span.start : span.end].split()
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    before, after = list(pattern.finditer(old)), list(pattern.finditer(new))
    if words and after and (len(after) == 1 or len(after) == len(before)):
        place = next((k for k, hit in enumerate(before) if hit.start() >= span.start), 0)
        hit = after[min(place, len(after) - 1)]
        return Span(hit.start(), hit.end())
    return None if after else near_span(old, span, new)


def near_span(old: str, span: Span, new: str) -> Span | None:
    """Return the run of ``new`` that character by character stands where the span stood, if it nearly says the same."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = [
        (max(b.a, span.start) - b.a + b.b, min(b.a + b.size, span.end) - b.a + b.b)
        for b in blocks
        if max(b.a, span.start) < min(b.a + b.size, span.end)
    ]
    if not kept:
        return None
    start, end = kept[0][0], kept[-1][1]
    ratio = SequenceMatcher(None, old[span.start : span.end], new[start:end], autojunk=False).ratio()
    return Span(start, end) if ratio >= MIN_RATIO else None


@dataclass(frozen=True, slots=True)
class Near:
    """A turn that another text may have become: its place, and in [0, 1] how much of the words they share."""

    place: int
    shared: float


def nearest(old: str, new: Sequence[str], *, expected: int, count: int = NEAREST) -> tuple[Near, ...]:
    """Return the turns that have most of the words of ``old`` (of the shorter of both: turns are cut and joined), the best first.

    Among equals the nearer to the ``expected`` place comes first.  For a person to choose from: nothing is decided by it.
    """
    wanted = Counter(words_of(old))
    found = []
    for place, text in enumerate(new):
        given = Counter(words_of(text))
        common = sum((wanted & given).values())
        shorter, longer = sorted((sum(wanted.values()), sum(given.values())))
        shared = 0.5 * common / shorter + 0.5 * common / longer if shorter else 0.0
        found.append((shared + NEARBY / (1 + abs(place - expected)), Near(place, shared)))
    return tuple(near for _, near in sorted(found, key=lambda one: (-one[0], one[1].place))[:count])


def words_of(text: str) -> list[str]:
    """Return the words of a text, without case and punctuation."""
    return re.findall(r"\w+", text.casefold())
