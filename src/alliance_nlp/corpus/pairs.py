"""Minimal pairs: two short exchanges, nearly the same words, of which one carries a marker and the other not, or another.

In: ``data/pairs/*.txt``.  A file begins with ``#pairs {json}`` (``writer``, ``family``); each pair with
``#pair ID | first / second | what changes`` where *first* and *second* name what the last turn carries (tags joined by « + »,
or « none »); then the two exchanges, each opened by a line ``#a`` or ``#b``, in the authoring markup with the speakers of
SPEAKERS; a line ``#note …`` gives context.  An exchange of A and B alone is ordinary talk, outside any therapy.  Out: pairs of short
transcripts.  The contrast stands on the **last** turn.

Contrast sets: Gardner et al. (2020), Findings of EMNLP.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from alliance_nlp.corpus.folder import corpus_folder
from alliance_nlp.errors import AllianceError, ConfigError, TranscriptFormatError
from alliance_nlp.formats import read_bytes
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Transcript, Turn

PAIR_SPLITS = ("train", "contrast")
SPEAKERS = {"T": "therapist", "P": "patient", "C": "partner", "M": "parent", "G": "group_member", "A": "other", "B": "other"}
NOTHING = "none"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two exchanges; ``carried`` says which tags the last turn of each carries."""

    id: str
    line: int  # of its heading in the file
    carried: tuple[frozenset[str], frozenset[str]]
    change: str
    first: Transcript
    second: Transcript

    @property
    def members(self) -> tuple[Transcript, Transcript]:
        """Both exchanges."""
        return self.first, self.second

    @property
    def contrast(self) -> frozenset[str]:
        """The tags on which the two last turns differ."""
        return self.carried[0] ^ self.carried[1]


def pairs_folder(folder: str | Path | None = None) -> Path:
    """Return the folder of the pairs, beside the corpus."""
    return corpus_folder(folder).parent / "pairs"


def load_pairs(split: str, folder: str | Path | None = None) -> list[Pair]:
    """Return the pairs of ``"train"`` or ``"contrast"`` (kept apart as a test), in file order."""
    place = pairs_folder(folder)
    if not (place / "splits.json").is_file():
        raise ConfigError("corpus.no_pairs", split=split)
    names = json.loads((place / "splits.json").read_text(encoding="utf-8"))[split]
    return [pair for name in names for pair in read_pairs(place / f"{name}.txt")]


def read_pairs(path: Path) -> list[Pair]:
    """Return the pairs of one file; TranscriptFormatError naming the line that is wrong."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or not lines[0].startswith("#pairs "):
        raise TranscriptFormatError("corpus.pairs_no_head", file=path.name, line=1)
    return list(_pairs(path.name, list(enumerate(lines[1:], 2))))


def _pairs(file: str, lines: list[tuple[int, str]]) -> Iterator[Pair]:
    starts = [place for place, (_, line) in enumerate(lines) if line.startswith("#pair ")]
    for start, end in zip(starts, [*starts[1:], len(lines)]):
        yield _pair(file, lines[start], lines[start + 1 : end])


def _pair(file: str, head: tuple[int, str], body: list[tuple[int, str]]) -> Pair:
    number, line = head
    parts = [part.strip() for part in line.removeprefix("#pair ").split("|", 2)]
    sides = [side.strip() for side in parts[1].split("/")] if len(parts) == 3 else []
    if len(sides) != 2:
        raise TranscriptFormatError("corpus.pair_bad_head", file=file, line=number)
    opened = [place for place, (_, text) in enumerate(body) if text.strip() in ("#a", "#b")]
    if [body[place][1].strip() for place in opened] != ["#a", "#b"]:
        raise TranscriptFormatError("corpus.pair_two_members", file=file, line=number)
    carried = (_tags(sides[0], file, number), _tags(sides[1], file, number))
    members = [
        _member(f"{parts[0]}-{letter}", file, body[start + 1 : end])
        for letter, start, end in zip("ab", opened, [opened[1], len(body)])
    ]
    pair = Pair(parts[0], number, carried, parts[2], *members)
    _check(pair, file)
    return pair


def _tags(side: str, file: str, number: int) -> frozenset[str]:
    tags = frozenset(tag.strip() for tag in side.split("+")) - {NOTHING}
    if not tags <= set(default_label_set().markup_tags):
        raise TranscriptFormatError("corpus.pair_bad_head", file=file, line=number)
    return tags


def _member(name: str, file: str, lines: list[tuple[int, str]]) -> Transcript:
    """Return one exchange; errors name the line in the pairs' file."""
    kept = [(number, text) for number, text in lines if text.strip()]
    used = {text.partition(":")[0].strip() for _, text in kept if not text.startswith("#")} & set(SPEAKERS)
    meta = {"id": name, "speakers": {key: role for key, role in SPEAKERS.items() if key in used} or {"T": "therapist"}}
    if used == {"A", "B"}:
        meta["therapy"] = False
    text = "\n".join([f"#meta {json.dumps(meta)}", *(text for _, text in kept)])
    try:
        (transcript,) = read_bytes(text.encode(), f"{name}.txt")
    except AllianceError as error:
        inside = (error.line or 2) - 2
        number = kept[min(inside, len(kept) - 1)][0] if kept else lines[0][0] if lines else 0
        raise type(error)(error.code, file=file, line=number, **error.params) from error
    return transcript


def _check(pair: Pair, file: str) -> None:
    """Hold what makes a pair: the heading says what the last turns carry, and they differ."""
    if pair.carried != tuple(turn_tags(member.turns[-1]) for member in pair.members):
        raise TranscriptFormatError("corpus.pair_other_tags", file=file, line=pair.line, pair=pair.id)
    if not pair.contrast:
        raise TranscriptFormatError("corpus.pair_no_contrast", file=file, line=pair.line, pair=pair.id)


def turn_tags(turn: Turn) -> frozenset[str]:
    """Return the tags of the markup that a turn carries: labels without types, and types."""
    return (turn.labels | turn.types) & set(default_label_set().markup_tags)


def both_right(pairs: Iterable[Pair], tagged: dict[str, Transcript]) -> list[bool]:
    """Return for each pair whether both last turns are right on the tags that the pair is about.

    ``tagged`` holds the members as the tagger reads them, by session id.  Chance is low: a tagger that says the same of both
    members is never right.
    """
    return [
        all(
            turn_tags(tagged[member.session_id].turns[-1]) & pair.contrast == carried & pair.contrast
            for member, carried in zip(pair.members, pair.carried)
        )
        for pair in pairs
    ]
