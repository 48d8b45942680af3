"""Blind second readings and their settling.

python data/making/readings.py blind    --work WORK ID…          sessions without tags, turns numbered
python data/making/readings.py check    --work WORK ID…          a reader's file against the session's text
python data/making/readings.py disputes --work WORK ID…          what writer and reader disagree on, unnamed
python data/making/readings.py apply    --work WORK READER ID…   keep both readings, write the settled tags
python data/making/readings.py open     --work WORK ID…          the session with its tags in view, for the last re-reading
python data/making/readings.py amend    --work WORK READER ID…   apply that re-reading's changes and keep a list of them
"""

import argparse
import dataclasses
import json
from collections import Counter, defaultdict
from pathlib import Path

from alliance_nlp.corpus.folder import corpus_folder, read_cards
from alliance_nlp.corpus.readings import READINGS, Tag, markers_of, reading_path, reading_row, reading_rows, text_sha256
from alliance_nlp.formats import dumps_markup, read_transcript
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Origin, OriginKind, Transcript

Place = tuple[int, str]  # turn, tag
SETTLED = Origin(OriginKind.ADJUDICATED, "corpus")
REREAD = "reread"  # the readings' file of what the last re-reading changed


def session(name: str) -> Transcript:
    return read_transcript(corpus_folder() / "sessions" / f"{name}.txt")


def head(text: Transcript) -> str:
    m, roles = text.metadata, ", ".join(f"{speaker.id} = {speaker.role.value}" for speaker in text.speakers)
    return f"# {text.session_id} | {m.get('approach')} | {m.get('setting')} | séance n° {m.get('session_number')} | {roles}"


def blind(work: Path, name: str) -> None:
    """Write the session without its tags."""
    text = session(name)
    lines = [head(text), *(f"{turn.index} {turn.speaker}: {turn.text}" for turn in text.turns)]
    (work / "blind" / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def tsv(path: Path, fields: int) -> list[list[str]]:
    """Return the rows of a helper's file; ValueError naming the line that has another number of fields."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")]
    for number, row in enumerate(rows, 1):
        if len(row) != fields:
            raise ValueError(f"{path.name}, row {number}: {fields} fields separated by tabs expected")
    return rows


def reader_tags(work: Path, text: Transcript) -> list[Tag]:
    """Return a reader's tags; ValueError for a tag, turn or words that do not exist."""
    tags = []
    for turn, tag, words in tsv(work / "readings" / f"{text.session_id}.tsv", 3):
        if tag not in default_label_set().markup_tags:
            raise ValueError(f"{text.session_id}: no such tag: {tag}")
        start = text.turns[int(turn)].text.find(words.strip())
        if start < 0:
            raise ValueError(f"{text.session_id}, turn {turn}: the words are not there exactly")
        tags.append((int(turn), tag, start, start + len(words.strip())))
    return sorted(set(tags))


def by_place(tags: list[Tag]) -> dict[Place, list[Tag]]:
    table: dict[Place, list[Tag]] = defaultdict(list)
    for tag in tags:
        table[tag[0], tag[1]].append(tuple(tag))
    return table


def disputes(work: Path, name: str) -> None:
    """Write what the two readings agree on and what only one of them gave."""
    text = session(name)
    first, second = by_place(reading_row(text, "")["tags"]), by_place(reader_tags(work, text))
    agreed, disputed = sorted(set(first) & set(second)), sorted(set(first) ^ set(second))
    lines = [f"# {name}: {len(agreed)} tags on which both readers agree, {len(disputed)} in dispute", "## Agreed (turn tag)",
             "; ".join(f"{turn} {tag}" for turn, tag in agreed),
             "## In dispute: turn <TAB> tag <TAB> the words for which one reader gave it (the other gave no such tag)"]  # fmt: skip
    for place in disputed:
        words = [text.turns[t].text[start:end] for t, _, start, end in first.get(place) or second[place]]
        lines.append(f"{place[0]}\t{place[1]}\t{' … '.join(words)}")
    (work / "settle" / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(name, len(agreed), "agreed,", len(disputed), "in dispute")


def settle(work: Path, reader: str, names: list[str]) -> None:
    """Keep both readings and write the settled tags into the sessions; each verdict must be there."""
    cards = read_cards()
    rows = {kind: reading_rows(kind) for kind in READINGS}
    for name in names:
        if name in rows["first"]:
            print(name, "is settled already")
            continue
        text = session(name)
        row = reading_row(text, f"writer-{cards[name]['writer']}")
        tags = reader_tags(work, text)
        first, second = by_place(row["tags"]), by_place(tags)
        disputed = set(first) ^ set(second)
        verdicts = {(int(t), tag): v.strip().lower() for t, tag, v, _ in tsv(work / "settle" / f"{name}.tsv", 4)} if disputed else {}
        if set(verdicts) != disputed:
            raise SystemExit(f"{name}: verdicts missing or too many: {sorted(set(verdicts) ^ disputed)}")
        kept = [place for place in set(first) | set(second) if place not in disputed or verdicts[place] == "yes"]
        write_settled(text, sorted(tag for place in kept for tag in first.get(place) or second[place]))
        rows["first"][name], rows["second"][name] = row, {**row, "reader": reader, "tags": tags}
        print(name, dict(Counter(verdicts.values())), "changed against the writer:", len(set(kept) ^ set(first)))
    reading_path("first").parent.mkdir(exist_ok=True)
    for kind, table in rows.items():
        lines = [json.dumps(table[name], ensure_ascii=False) + "\n" for name in sorted(table)]
        reading_path(kind).write_text("".join(lines), encoding="utf-8")


def write_settled(text: Transcript, tags: list[Tag], origin: Origin = SETTLED) -> None:
    by_turn: dict[int, list[Tag]] = defaultdict(list)
    for tag in tags:
        by_turn[tag[0]].append(tag)
    turns = tuple(dataclasses.replace(turn, markers=markers_of(by_turn[turn.index], origin)) for turn in text.turns)
    path = corpus_folder() / "sessions" / f"{text.session_id}.txt"
    if tags:
        path.write_text(dumps_markup(dataclasses.replace(text, turns=turns)), encoding="utf-8")
    assert text_sha256(session(text.session_id)) == text_sha256(text)


def open_tagged(work: Path, name: str) -> None:
    """Write the session with its tags under each turn."""
    text = session(name)
    tags = by_place(reading_row(text, "")["tags"])
    lines = [head(text)]
    for turn in text.turns:
        lines.append(f"{turn.index} {turn.speaker}: {turn.text}")
        for (place, tag), spans in sorted(tags.items()):
            if place == turn.index:
                lines.append(f"      [{tag}: {' … '.join(turn.text[start:end] for _, _, start, end in spans)}]")
    (work / "reread").mkdir(exist_ok=True)
    (work / "reread" / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def amend(work: Path, reader: str, names: list[str]) -> None:
    """Apply the rows TURN, add|drop, TAG, WORDS, RULE of a re-reading; keep what changed.  Nothing is written if one row is wrong."""
    done, amended = reading_rows(REREAD), []
    for name in names:
        text = session(name)
        row = reading_row(text, reader)
        tags = by_place(row.pop("tags"))
        before, changes = len(tags), []
        for turn, action, tag, words, rule in tsv(work / "reread" / f"{name}.tsv", 5):
            place = (int(turn), tag)
            if (action == "add") is (place in tags) or tag not in default_label_set().markup_tags:
                raise SystemExit(f"{name}, turn {turn}: cannot {action} {tag}")
            if action == "add":
                start = text.turns[int(turn)].text.find(words)
                if start < 0:
                    raise SystemExit(f"{name}, turn {turn}: the words are not there exactly")
                tags[place] = [(int(turn), tag, start, start + len(words))]
            else:
                del tags[place]
            changes.append([int(turn), action, tag, rule])
        done[name] = {**row, "tags_before": before, "changes": changes}
        amended.append((text, sorted(tag for place in tags.values() for tag in place), changes))
    for text, tags, changes in amended:
        origin = next(marker.origin for turn in text.turns for marker in turn.markers)  # a re-reading settles nothing
        if changes:
            write_settled(text, tags, origin)
        print(text.session_id, dict(Counter(change[1] for change in changes)))
    lines = [json.dumps(done[name], ensure_ascii=False) + "\n" for name in sorted(done)]
    reading_path(REREAD).write_text("".join(lines), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("action", choices=("blind", "check", "disputes", "apply", "open", "amend"))
    parser.add_argument("names", nargs="+")
    parser.add_argument("--work", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.action in ("apply", "amend"):
        (settle if arguments.action == "apply" else amend)(arguments.work, arguments.names[0], arguments.names[1:])
        return
    for name in arguments.names:
        try:
            if arguments.action == "check":
                tags = reader_tags(arguments.work, session(name))
                print(name, "tagged turns:", len({tag[0] for tag in tags}), dict(Counter(tag[1] for tag in tags)))
            else:
                {"blind": blind, "disputes": disputes, "open": open_tagged}[arguments.action](arguments.work, name)
        except ValueError as error:
            print("ERROR", error)


if __name__ == "__main__":
    main()
