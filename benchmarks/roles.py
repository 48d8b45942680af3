"""How well roles are inferred from the talk alone: accuracy, abstention, and ordinary talk taken for a therapy.

    PYTHONPATH=src python benchmarks/roles.py [--level 0.7] [--each]

Names are hidden (S1, S2… in order of first turn) in the sessions of ``data/corpus/sessions`` and in the conversations of
``ordinary_talk.txt``.  Sessions up to ``LAST_TUNED`` and conversations marked ``tune`` set the weights; the others
only measure.  A role counts as right when its side (therapist or patient's side) is.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from alliance_nlp.formats import read_transcript
from alliance_nlp.speakers import assignment
from alliance_nlp.transcript import Role, Transcript, Turn

HERE = Path(__file__).parent
SESSIONS = HERE.parent / "data/corpus/sessions"
LAST_TUNED = "s032"
STRETCH = 36  # turns: a short session


@dataclass(frozen=True, slots=True)
class Sample:
    """One talk with its true roles; ``tuned`` when the weights have seen it."""

    name: str
    turns: tuple[Turn, ...]
    roles: dict[str, Role]
    therapy: bool
    tuned: bool


def corpus() -> Iterator[Sample]:
    for path in sorted(SESSIONS.glob("*.txt")):
        transcript = read_transcript(path)
        roles = {speaker.id: speaker.role for speaker in transcript.speakers}
        therapy = transcript.metadata.get("therapy", True) and Role.THERAPIST in roles.values()
        yield Sample(path.stem, transcript.turns, roles, therapy, path.stem <= LAST_TUNED)


def ordinary() -> Iterator[Sample]:
    for part in (HERE / "ordinary_talk.txt").read_text(encoding="utf-8").split("\n=== ")[1:]:
        head, *lines = part.strip().split("\n")
        name, use = head.split()
        said = [line.split(": ", 1) for line in lines if line.strip()]
        # Said three times over: the piece gets long enough to be listened to, its rates stay what they are.
        turns = tuple(Turn(i, speaker, text) for i, (speaker, text) in enumerate(said * 3))
        yield Sample(name, turns, {"A": Role.OTHER, "B": Role.OTHER}, False, use == "tune")


def stretches(sample: Sample) -> Iterator[Sample]:
    for start in range(0, len(sample.turns) - STRETCH // 2, STRETCH):
        turns = sample.turns[start : start + STRETCH]
        yield replace(sample, name=f"{sample.name}@{start}", turns=turns)


def hide(sample: Sample) -> tuple[tuple[Turn, ...], dict[str, Role]]:
    order = dict.fromkeys(turn.speaker for turn in sample.turns)
    codes = {name: f"S{number}" for number, name in enumerate(order, 1)}
    turns = tuple(replace(turn, speaker=codes[turn.speaker], index=i) for i, turn in enumerate(sample.turns))
    return turns, {codes[name]: sample.roles[name] for name in order}


def outcome(sample: Sample) -> tuple[str, float]:
    """Return right, wrong or unknown for a talk as a whole, with the confidence given."""
    turns, roles = hide(sample)
    speakers = assignment.assign_roles(turns, declared={}, asked={}).speakers
    confidence = max(speaker.extra["role_confidence"] for speaker in speakers)
    if all(speaker.role is Role.UNKNOWN for speaker in speakers):
        return "unknown", confidence
    sides = all(
        speaker.role is roles[speaker.id] or (speaker.role.is_patient_side and roles[speaker.id].is_patient_side)
        for speaker in speakers
    )
    return ("right" if sides else "WRONG"), confidence


def tell(title: str, samples: Sequence[Sample], *, each: bool) -> None:
    outcomes = [(sample, *outcome(sample)) for sample in samples]
    counts = Counter(result for _, result, _ in outcomes)
    answered = counts["right"] + counts["WRONG"]
    accuracy = f"{100 * counts['right'] / answered:.0f} %" if answered else "–"
    print(f"{title:58} n {len(samples):3}  right {counts['right']:3}  wrong {counts['WRONG']:2}  "
          f"unknown {counts['unknown']:3}  accuracy when it answers {accuracy}")  # fmt: skip
    for sample, result, confidence in outcomes:
        if each or result == "WRONG":
            print(f"    {sample.name:18} {result:8} {confidence:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--level", type=float, default=assignment.LEVEL)
    parser.add_argument("--each", action="store_true")
    options = parser.parse_args()
    assignment.LEVEL = options.level
    samples = [*corpus(), *ordinary()]
    for tuned, use in ((True, "tuning"), (False, "held out")):
        mine = [sample for sample in samples if sample.tuned is tuned]
        therapy = [sample for sample in mine if sample.therapy]
        pairs, groups = ([s for s in therapy if (len(s.roles) == 2) is two] for two in (True, False))
        cut = [part for sample in pairs for part in stretches(sample)]
        tell(f"{use}: sessions of two", pairs, each=options.each)
        tell(f"{use}: stretches of {STRETCH} turns of them", cut, each=False)
        tell(f"{use}: sessions of three or more", groups, each=options.each)
        tell(f"{use}: ordinary talk (right = never; unknown wanted)", [s for s in mine if not s.therapy], each=options.each)


if __name__ == "__main__":
    main()
