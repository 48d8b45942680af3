"""How well roles are heard from the talk alone: names hidden, accuracy and abstention by part of the corpus.

    python benchmarks/roles.py

Weights were fitted on s001-s032; signs and level were chosen after looking at s033-s056, so only s057-s064 are held out.  "right": every speaker's side (therapist or not) is right;
"unknown": no role was given (the right answer for ordinary talk); "wrong": a role was given and is not right.
"""

import dataclasses
import json

from alliance_nlp.corpus.folder import corpus_folder
from alliance_nlp.formats import read_transcript
from alliance_nlp.speakers import assign_roles
from alliance_nlp.transcript import Role, Transcript, Turn

PARTS = {"fitted (s001-s032)": ("train",), "seen (s033-s048)": ("validation", "test"), "half seen (s049-s064)": ("reserve",)}


def hidden(session: Transcript) -> tuple[tuple[Turn, ...], dict[str, Role]]:
    """Return the turns with speakers called S1, S2 … and their true roles."""
    names = {speaker.id: f"S{place}" for place, speaker in enumerate(session.speakers, 1)}
    turns = tuple(dataclasses.replace(turn, speaker=names.get(turn.speaker)) for turn in session.turns)
    return turns, {names[s.id]: s.role for s in session.speakers}


def judge(session: Transcript) -> str:
    """Return right, unknown or wrong."""
    turns, truth = hidden(session)
    found = {s.id: s.role for s in assign_roles(turns, declared={}, asked={}).speakers}
    if all(role is Role.UNKNOWN for role in found.values()):
        return "unknown"
    therapy = session.metadata.get("therapy") is not False
    same = all((found[name] is Role.THERAPIST) == (role is Role.THERAPIST) for name, role in truth.items() if name in found)
    return "right" if therapy and same else "wrong"


def main() -> None:
    folder = corpus_folder()
    splits = json.loads((folder / "splits.json").read_text(encoding="utf-8"))
    for title, parts in PARTS.items():
        names = [name for part in parts for name in splits[part]]
        sessions = [read_transcript(folder / "sessions" / f"{name}.txt") for name in names]
        for kind, wanted in (("therapy", True), ("ordinary talk", False)):
            chosen = [s for s in sessions if (s.metadata.get("therapy") is not False) is wanted]
            verdicts = [judge(session) for session in chosen]
            counts = {verdict: verdicts.count(verdict) for verdict in ("right", "unknown", "wrong")}
            print(f"{title:20} {kind:14} {len(chosen):3} sessions: {counts}")


if __name__ == "__main__":
    main()
