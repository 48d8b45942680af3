"""What is wrong with the corpus, and what it still lacks.

In: the corpus' folder.  Out: problems (a file, a line, a sentence; never text) and shortfalls (a target of
``targets.toml`` that is not reached).  Judged here is what a program can judge; whether tags hold against the manual is judged by
reading.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alliance_nlp import toml
from alliance_nlp.corpus import repeats
from alliance_nlp.corpus.folder import SPLITS, corpus_folder, read_cards, read_splits, session_paths
from alliance_nlp.corpus.pairs import PAIR_SPLITS, Pair, load_pairs, pairs_folder
from alliance_nlp.corpus.readings import READINGS, load_reading, reading_path, reading_rows
from alliance_nlp.corpus.stats import Counts, count, is_ordinary
from alliance_nlp.errors import AllianceError
from alliance_nlp.formats import read_transcript
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Notice, Transcript, Turn

META_KEYS = ("setting", "approach", "register", "card", "arc", "transcription", "session_number", "therapy")
SHARED_WORDS = 8  # a run of this many words that carries a tag must not stand in two splits
STOCK_WORDS, STOCK_SESSIONS, STOCK_SHARE = 5, 4, 0.03  # nor one of so many words in so many sessions (least, and share)…
COMMON_WORDS, RARE_IN_STOCK = 200, 2  # … unless all but one of its words are among the commonest (« qu'est-ce que vous en dites »)

_SOUND_NOTE = re.compile(r"\[(?:rires?|soupirs?|souffle|silence|pause|inaudible|toux|tousse)\b[^\]]*\]", re.IGNORECASE)
_BACK_CHANNEL = re.compile(r"^(?:\W|h+m+|m+h+m*|mm+|hein|ah|oh|euh)*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found: ``problems`` are defects, ``short`` what is still to be made."""

    splits: Mapping[str, Sequence[Transcript]]
    pairs: Mapping[str, Sequence[Pair]]
    problems: tuple[Notice, ...] = ()
    short: tuple[Notice, ...] = ()

    @property
    def counts(self) -> dict[str, Counts]:
        """The counts of each split."""
        return {name: count(sessions) for name, sessions in self.splits.items()}

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready values."""
        return {
            "splits": {name: counts.as_dict() for name, counts in self.counts.items()},
            "pairs": {name: len(pairs) for name, pairs in self.pairs.items()},
            "problems": [{"code": n.code, **n.params, "line": n.line} for n in self.problems],
            "short": [{"code": n.code, **n.params} for n in self.short],
        }


def check_corpus(folder: str | Path | None = None) -> Report:
    """Check format, scheme, splits, repeated wording, readings, pairs and balance."""
    place = corpus_folder(folder)
    problems: list[Notice] = list(check_partition(place))
    splits: dict[str, list[Transcript]] = {split: [] for split in SPLITS}
    for split in SPLITS:
        for path in session_paths(split, place):
            try:
                session = read_transcript(path)
            except AllianceError as error:
                problems.append(Notice("corpus.unreadable", error.line, {"file": path.name, "reason": error.message()}))
                continue
            splits[split].append(session)
            problems += check_session(session, path)
    problems += check_wording(splits)
    pairs, pair_problems = checked_pairs(place)
    problems += pair_problems
    problems += check_readings(place)
    everything = count([session for split in SPLITS for session in splits[split]])
    return Report(splits, pairs, tuple(problems), tuple(check_targets(place, splits, pairs, everything)))


# ------------------------------------------------------------------------------------ sessions


def check_session(session: Transcript, path: Path) -> Iterator[Notice]:
    """Yield what is wrong with one session."""
    file = path.name
    if session.session_id != path.stem:
        yield Notice("corpus.other_id", 1, {"file": file, "found": session.session_id})
    missing = [key for key in META_KEYS if key not in session.metadata]
    if missing:
        yield Notice("corpus.missing_keys", 1, {"file": file, "keys": ", ".join(missing)})
    number = session.metadata.get("session_number")
    if number is not None and not isinstance(number, int):
        yield Notice("corpus.bad_session_number", 1, {"file": file})
    for notice in session.warnings:
        yield Notice("corpus.read_warning", notice.line, {"file": file, "reason": notice.message()})
    spoken = sum(bool(line.strip()) and not line.startswith("#") for line in path.read_text(encoding="utf-8").splitlines())
    if spoken != len(session.turns):
        yield Notice("corpus.speaker_twice", None, {"file": file, "count": spoken - len(session.turns)})
    for turn in session.turns:
        yield from check_turn(session, turn, file)


def check_turn(session: Transcript, turn: Turn, file: str) -> Iterator[Notice]:
    """Yield the violations of the scheme that show without understanding what is said."""
    role = session.role_of(turn).value
    for label in sorted(turn.labels):
        if role not in default_label_set()[label].roles:
            yield Notice("corpus.wrong_role", turn.line, {"file": file, "label": label, "role": role})
        if is_ordinary(session):
            yield Notice("corpus.tag_in_ordinary_talk", turn.line, {"file": file, "label": label})
    if turn.markers and _BACK_CHANNEL.match(_SOUND_NOTE.sub("", turn.text)):
        # ruling G4: a « mm-hmm » is never an assent; R1: a sound alone is no rupture.  A gesture (« [tapote] ») may carry one.
        yield Notice("corpus.tag_on_a_sound", turn.line, {"file": file})


# ------------------------------------------------------------------------------------ the whole


def check_partition(place: Path) -> Iterator[Notice]:
    """Yield what is wrong with the splits: each session in one, with a card, no writer and no card family in two."""
    splits, cards = read_splits(place), read_cards(place)
    names = [name for part in splits.values() for name in part]
    files = {path.stem for path in (place / "sessions").glob("*.txt")}
    for name in sorted(files - set(names)):
        yield Notice("corpus.in_no_split", None, {"session": name})
    for name in sorted(set(names) - files):
        yield Notice("corpus.no_file", None, {"session": name})
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Notice("corpus.in_two_splits", None, {"session": name})
    for name in sorted(set(names) - set(cards)):
        yield Notice("corpus.no_card", None, {"session": name})
    for key in ("writer", "family"):
        where: dict[Any, set[str]] = {}
        for split in SPLITS:
            for name in splits[split]:
                if name in cards and key in cards[name]:
                    where.setdefault(cards[name][key], set()).add(split)
        for value in [value for value, found in where.items() if len(found) > 1]:
            yield Notice("corpus.shared_between_splits", None, {"key": key, "value": value, "splits": ", ".join(sorted(where[value]))})


def check_wording(splits: Mapping[str, Sequence[Transcript]]) -> Iterator[Notice]:
    """Yield evidence that stands in two splits, and stock phrases; the sessions are named, not the words."""
    for _, names in repeats.across_splits(dict(splits), SHARED_WORDS):
        yield Notice("corpus.evidence_in_two_splits", None, {"words": SHARED_WORDS, "sessions": ", ".join(sorted(names))})
    everything = [session for sessions in splits.values() for session in sessions]
    common = repeats.common_words(everything, COMMON_WORDS)
    found = repeats.places(everything, STOCK_WORDS, evidence=True)
    stock = {run: names for run, names in found.items() if sum(word not in common for word in run) >= RARE_IN_STOCK}
    most = max(STOCK_SESSIONS, STOCK_SHARE * len(everything))
    for names in [names for names in stock.values() if len(names) >= most]:
        yield Notice("corpus.stock_phrase", None, {"words": STOCK_WORDS, "sessions": ", ".join(sorted(names))})


def checked_pairs(place: Path) -> tuple[dict[str, list[Pair]], list[Notice]]:
    """Return the pairs by split, and what is wrong with them."""
    empty: dict[str, list[Pair]] = {split: [] for split in PAIR_SPLITS}
    if not (pairs_folder(place) / "splits.json").is_file():
        return empty, []
    try:
        pairs = {split: load_pairs(split, place) for split in PAIR_SPLITS}
    except AllianceError as error:
        return empty, [Notice("corpus.bad_pairs", error.line, {"reason": error.message()})]
    ids = Counter(pair.id for part in pairs.values() for pair in part)
    twice = sorted(name for name, count in ids.items() if count > 1)
    return pairs, [Notice("corpus.pair_id_twice", None, {"pair": name}) for name in twice]


def check_readings(place: Path) -> Iterator[Notice]:
    """Yield readings that no longer fit the sessions."""
    for name in READINGS:
        if reading_path(name, place).is_file():
            try:
                load_reading(name, place)
            except AllianceError as error:
                yield Notice("corpus.bad_reading", error.line, {"name": name, "reason": error.message()})


def check_targets(
    place: Path, splits: Mapping[str, Sequence[Transcript]], pairs: Mapping[str, Sequence[Pair]], everything: Counts
) -> Iterator[Notice]:
    """Yield the targets of ``targets.toml`` that are not reached; nothing when there is no such file."""
    path = place / "targets.toml"
    if not path.is_file():
        return
    targets = toml.loads(path.read_text(encoding="utf-8"))
    read_twice = set(reading_rows("second", place))
    held_out = [session.session_id for split in ("validation", "test") for session in splits[split]]
    train = [session.session_id for session in splits["train"]]
    found = {
        "sessions": everything.sessions,
        "turns": everything.turns,
        **{f"turns_{tag}": number for tag, number in everything.tags.items()},
        "untagged_share": round(everything.untagged_share, 3),
        "ordinary_share": round(everything.ordinary / max(everything.sessions, 1), 3),
        "asr_share": round(everything.asr / max(everything.sessions, 1), 3),
        "pairs": sum(map(len, pairs.values())),
        "pairs_contrast": len(pairs["contrast"]),
        "read_twice_held_out_share": round(sum(name in read_twice for name in held_out) / max(len(held_out), 1), 3),
        "read_twice_train_share": round(sum(name in read_twice for name in train) / max(len(train), 1), 3),
    }
    for key, (low, high) in targets["targets"].items():
        if not low <= found[key] <= high:
            yield Notice("corpus.off_target", None, {"key": key, "found": found[key], "low": low, "high": high})
