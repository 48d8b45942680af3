"""Check what helpers wrote and take it into data/corpus and data/pairs.

python data/making/take_in.py check FILE…                 format of sessions and counts
python data/making/take_in.py check-pairs FILE…           format of pairs
python data/making/take_in.py sessions --work WORK WRITER…
python data/making/take_in.py pairs --work WORK ID…
"""

import argparse
import json
import shutil
from pathlib import Path

from alliance_nlp.corpus.check import check_session
from alliance_nlp.corpus.check_table import place
from alliance_nlp.corpus.folder import corpus_folder, read_cards, read_splits
from alliance_nlp.corpus.pairs import pairs_folder, read_pairs
from alliance_nlp.corpus.stats import count
from alliance_nlp.errors import AllianceError
from alliance_nlp.formats import read_transcript

HERE = Path(__file__).parent


def is_clean(path: Path) -> bool:
    """Print a session's counts and what is wrong with it."""
    try:
        session = read_transcript(path)
    except AllianceError as error:
        print("ERROR", error.message("en"))
        return False
    found = list(check_session(session, path))
    c = count([session])
    print(f"{path.name}: {c.turns} turns, {c.words} words, untagged {c.untagged_share:.0%}, {dict(c.tags)}")
    for notice in found:
        print(f"  ERROR {place(notice)}{notice.message('en')}")
    return not found


def pairs_are_clean(path: Path) -> bool:
    """Print what a file of pairs holds and what is wrong with it."""
    try:
        pairs = read_pairs(path)
    except AllianceError as error:
        print("ERROR", error.message("en"))
        return False
    wrong = [p.id for p in pairs if not all(2 <= len(m.turns) <= 6 and not m.warnings for m in p.members)]
    twice = len(pairs) - len({p.id for p in pairs})
    print(f"{path.name}: {len(pairs)} pairs, {sum(len(m.turns) for p in pairs for m in p.members)} turns; ids twice: {twice}; ERROR in: {wrong}")
    return not wrong and not twice


def take_sessions(work: Path, writers: list[str]) -> None:
    """Copy finished writers' sessions, add their cards and put them in their split."""
    folder, cards, splits = corpus_folder(), read_cards(), read_splits()
    planned = [json.loads(line) for line in (HERE / "planned_cards.jsonl").read_text(encoding="utf-8").splitlines()]
    for writer in map(int, writers):
        mine = [card for card in planned if card["writer"] == writer and card["id"] not in cards]
        if not all(is_clean(work / "sessions" / f"{card['id']}.txt") for card in mine):
            continue
        for card in mine:
            shutil.copy(work / "sessions" / f"{card['id']}.txt", folder / "sessions")
            splits[card["split"]].append(card["id"])
            ordinary = "rôles other" in card["person"]
            family = card["setting"] if ordinary else card["person"].partition(";")[0].strip()
            cards[card["id"]] = {key: value for key, value in card.items() if key != "split"} | {"family": family}
    lines = [json.dumps(cards[name], ensure_ascii=False) for name in sorted(cards)]
    (folder / "cards.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "splits.json").write_text(json.dumps({s: sorted(names) for s, names in splits.items()}, indent=1) + "\n", encoding="utf-8")
    print({split: len(names) for split, names in splits.items()})


def take_pairs(work: Path, ids: list[str]) -> None:
    """Copy finished files of pairs and put them in their split."""
    folder = pairs_folder()
    folder.mkdir(exist_ok=True)
    table = folder / "splits.json"
    splits = json.loads(table.read_text(encoding="utf-8")) if table.is_file() else {"train": [], "contrast": []}
    for name in ids:
        path = work / "pairs" / f"{name}.txt"
        if pairs_are_clean(path):
            shutil.copy(path, folder)
            split = json.loads(path.read_text(encoding="utf-8").split("\n")[0].removeprefix("#pairs "))["split"]
            splits[split] = sorted({*splits[split], name})
    table.write_text(json.dumps(splits, indent=1) + "\n", encoding="utf-8")
    print({split: len(names) for split, names in splits.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("action", choices=("check", "check-pairs", "sessions", "pairs"))
    parser.add_argument("names", nargs="+")
    parser.add_argument("--work", type=Path)
    arguments = parser.parse_args()
    if arguments.action == "check":
        raise SystemExit(not all([is_clean(Path(name)) for name in arguments.names]))
    if arguments.action == "check-pairs":
        raise SystemExit(not all([pairs_are_clean(Path(name)) for name in arguments.names]))
    if arguments.work is None:
        parser.error("--work is needed")
    (take_sessions if arguments.action == "sessions" else take_pairs)(arguments.work, arguments.names)


if __name__ == "__main__":
    main()
