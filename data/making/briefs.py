"""Write the briefs and the task files of helpers into a work folder.

python data/making/briefs.py --work WORK [--example FILE]
"""

import argparse
import json
from pathlib import Path

HERE = Path(__file__).parent
MANUAL = HERE.parents[1] / "annotation_guidelines" / "guide.md"
CARD_KEYS = ("approach", "setting", "person", "session", "patient_talk", "therapist_talk", "arc", "accent", "form", "density", "transcription")


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--example", type=Path, help="a session that shows the level wanted")
    arguments = parser.parse_args()
    work: Path = arguments.work
    for folder in ("sessions", "pairs", "blind", "readings", "settle", "tasks"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    scheme = f"\n\n---------------- THE SCHEME (the manual) ----------------\n{MANUAL.read_text(encoding='utf-8')}"
    example = f"\n\n---------------- EXAMPLE (level wanted; do not imitate its story) ----------------\n{arguments.example.read_text(encoding='utf-8')}" if arguments.example else ""
    for name in ("writer", "pairs", "reader", "settler", "rereader", "ordinary"):
        text = (HERE / f"{name}_brief.md").read_text(encoding="utf-8").replace("WORK/", f"{work}/")
        (work / f"{name}.md").write_text(text + (scheme if name != "ordinary" else "") + (example if name == "writer" else ""), encoding="utf-8")
        if name == "writer":
            plain = (HERE / "plain_style.md").read_text(encoding="utf-8")
            (work / "plain_writer.md").write_text(f"{text}\n{plain}{scheme}", encoding="utf-8")
    cards = rows("planned_cards.jsonl")
    for writer in sorted({card["writer"] for card in cards}):
        mine = [card for card in cards if card["writer"] == writer]
        lines = [f"# Writer {writer}", f"Your voice for these four sessions: {mine[0]['voice']}; you notice {mine[0]['notices']}."]
        for card in mine:
            lines += ["", f"## {card['id']}", *(f"- {key}: {card[key]}" for key in CARD_KEYS if key in card)]
        (work / "tasks" / f"writer_{writer}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for plan in rows("planned_pairs.jsonl"):
        head = json.dumps({key: plan[key] for key in ("id", "writer", "split")})
        lines = [f"# Pair writer {plan['id']}", f"File: `{work}/pairs/{plan['id']}.txt`, first line exactly: `#pairs {head}`", f"Pair ids {plan['id']}-001 to -100.",
                 f"Your voice: {plan['voice']}; you notice {plan['notices']}.", "", "Situations to draw on:", *(f"- {s}" for s in plan["situations"]), "",
                 "Contrasts, five pairs for each:", *(f"{n}. {c}" for n, c in enumerate(plan["contrasts"], 1))]  # fmt: skip
        (work / "tasks" / f"{plan['id']}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
