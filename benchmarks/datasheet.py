"""Fill the measured parts of data/README.md: counts, cards, agreement, learning curve, repeated wording; draw its figures.

    pip install matplotlib && python benchmarks/datasheet.py [--no-curve]

Everything between `<!-- name:begin -->` and `<!-- name:end -->` is written by this script and by nobody else.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from baselines import Tfidf, gold, masked, regress  # noqa: E402

from alliance_nlp.corpus.folder import SPLITS, corpus_folder, load_sessions, read_cards  # noqa: E402
from alliance_nlp.corpus.readings import READINGS, load_reading, reading_path, reading_row, reading_rows  # noqa: E402
from alliance_nlp.corpus.stats import CorpusStats, corpus_stats, is_ordinary, total, transcription  # noqa: E402
from alliance_nlp.evaluation.agreement import Agreement, measure_agreement  # noqa: E402
from alliance_nlp.evaluation.agreement_table import cell  # noqa: E402
from alliance_nlp.evaluation.metrics import binary_score  # noqa: E402
from alliance_nlp.labels import default_label_set  # noqa: E402
from alliance_nlp.tagger.calibration import best_threshold  # noqa: E402
from alliance_nlp.transcript import Transcript  # noqa: E402

FIGURES = "figures"
SHOWN = ("percent", "cohen_kappa", "krippendorff_alpha", "gwet_ac1", "f1")


def table(head: list[str], rows: list[list[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def counts_block(stats: CorpusStats) -> str:
    tags = default_label_set().markup_tags
    rows = [
        [split, c.sessions, c.turns, c.words, f"{c.untagged_share:.1%}", c.ordinary, c.asr, *(c.tags[tag] for tag in tags)]
        for split, c in [*stats.splits.items(), ("all", total(stats.splits.values()))]
    ]
    return table(["split", "sessions", "turns", "words", "untagged", "ordinary talk", "ASR-like", *tags], rows)


def pairs_block(stats: CorpusStats) -> str:
    if not any(stats.pairs.values()):
        return "No minimal pairs yet."
    names = Counter()
    for part in stats.pairs.values():
        names.update(dict(part))
    rows = [[name, *(dict(stats.pairs[split]).get(name, 0) for split in stats.pairs)] for name, _ in names.most_common(20)]
    rows.append(["all contrasts", *(sum(n for _, n in part) for part in stats.pairs.values())])
    return table(["last turns carry", *stats.pairs], rows)


def cards_block(sessions: list[Transcript], stats: CorpusStats) -> str:
    cards = read_cards()
    ways = Counter(map(transcription, sessions))
    numbers = Counter(
        "none (ordinary talk)" if is_ordinary(s) else session_stage(s.metadata.get("session_number")) for s in sessions
    )
    speakers = Counter(len(s.speakers) for s in sessions)
    writers = len({cards[s.session_id]["writer"] for s in sessions})
    families = len({cards[s.session_id]["family"] for s in sessions})
    lengths = np.quantile([len(t.text.split()) for s in sessions for t in s.turns], [0.1, 0.5, 0.9, 0.99]).astype(int)
    return "\n".join([
        f"- Writers (one prompt with its own literary brief each; all the same language model): {writers}. Card families: {families}.",
        "- Approaches: " + ", ".join(f"{name} {n}" for name, n in stats.approaches) + ".",
        "- Transcription: " + ", ".join(f"{name} {n}" for name, n in ways.most_common()) + ".",
        "- Session: " + ", ".join(f"{name} {n}" for name, n in numbers.most_common()) + ".",
        "- Speakers in a session: " + ", ".join(f"{k}: {n}" for k, n in sorted(speakers.items())) + ".",
        f"- Words in a turn: 10 % have at most {lengths[0]}, half at most {lengths[1]}, 90 % at most {lengths[2]}, 99 % at most {lengths[3]}.",
    ])  # fmt: skip


def session_stage(number: int | None) -> str:
    if number is None:
        return "number not said"
    return "first" if number == 1 else "2–5" if number <= 5 else "6–15" if number <= 15 else "16 and later"


def agreement_block(agreement: Agreement | None) -> str:
    if agreement is None:
        return "No second readings yet."
    head = ["", "turns tagged (writer / reader)", *SHOWN]
    rows = [
        [row.name, " / ".join(map(str, row.tagged)), *(cell(row.coefficients[name]) for name in SHOWN)]
        for row in agreement.by_label
    ]
    note = (
        f"{agreement.sessions} sessions, {agreement.turns} turns, before settling; {len(agreement.differences)} turns differ "
        f"({len(agreement.differences) / agreement.turns:.1%}). Evidence, where both tag: character F1 {agreement.evidence_f1:.3f}."
    )
    return table(head, rows) + "\n\n" + note


def places(row: dict) -> set[tuple[int, str]]:
    return {(tag[0], tag[1]) for tag in row["tags"]}


def settling_block(sessions: list[Transcript]) -> str:
    """Say what the third reading decided, and what the last re-reading changed."""
    settled = {s.session_id: places(reading_row(s, "")) for s in sessions}
    first, second = (reading_rows(name) for name in READINGS)
    disputed = [(name, place) for name in first for place in places(first[name]) ^ places(second[name])]
    given = sum(place in settled[name] for name, place in disputed)
    from_writer = sum(place in places(first[name]) for name, place in disputed)
    lines = [
        f"- {len(disputed)} tags were in dispute ({from_writer} given by the writer alone, {len(disputed) - from_writer} by the blind reader alone); "
        f"the third reading kept {given / len(disputed):.0%} of them."
    ]
    rows = reading_rows("reread").values()
    if rows:
        changes = [change for row in rows for change in row["changes"]]
        added, before = sum(change[1] == "add" for change in changes), sum(row["tags_before"] for row in rows)
        turns = sum(len(s.turns) for s in sessions if s.session_id in {row["session_id"] for row in rows})
        lines.append(
            f"- {len(rows)} sessions drawn at random ({turns} turns, {before} tags) were read again turn by turn against the manual with the tags in "
            f"view: {added} tags were added and {len(changes) - added} dropped ({len(changes) / before:.1%} of the tags)."
        )
    return "\n".join(lines)


def curve(train: list[Transcript], validation: list[Transcript], draws: int = 3) -> list[tuple[int, float]]:
    """Return (training sessions, validation macro-F1 at the best thresholds), mean over ``draws`` random subsets."""
    rng, truth, points = np.random.default_rng(0), gold(validation), []
    for share in (8, 4, 2, 1):
        values = []
        for _ in range(draws if share > 1 else 1):
            part = [train[i] for i in sorted(rng.permutation(len(train))[: len(train) // share])]
            (p,) = regress(Tfidf(), part, [validation], 1.0)
            p = masked(p, validation)
            scores = [binary_score(truth[:, c], p[:, c] >= best_threshold(p[:, c], truth[:, c])).f1 for c in range(truth.shape[1])]
            values.append(float(np.mean(scores)))
        points.append((len(train) // share, float(np.mean(values))))
    return points


def curve_block(points: list[tuple[int, float]]) -> str:
    gains = ["–", *(f"{b[1] - a[1]:+.3f}" for a, b in zip(points, points[1:]))]
    return table(["training sessions", "macro-F1 on validation", "gain"], [[n, f"{v:.3f}", g] for (n, v), g in zip(points, gains)])


def overlap_block(stats: CorpusStats) -> str:
    rows = [[o.words, f"{o.evidence:.1%}", f"{o.untagged:.1%}"] for o in stats.overlap]
    return table(["words in a run", "of evidence", "of untagged turns"], rows)


def draw(folder: Path, sessions: list[Transcript], stats: CorpusStats, points: list[tuple[int, float]]) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "alliance", "svg.fonttype": "none"})  # the same bytes every time, small
    import matplotlib.pyplot as plt

    folder.mkdir(exist_ok=True)
    label_set = default_label_set()
    tags = label_set.markup_tags
    colours = [label_set[t].colour if t in label_set.ids else label_set.owner(t).colour for t in tags]
    totals = [sum(c.tags[tag] for c in stats.splits.values()) for tag in tags]

    def save(figure, name: str) -> None:
        figure.tight_layout()
        figure.savefig(folder / name, metadata={"Date": None})
        plt.close(figure)

    figure, axis = plt.subplots(figsize=(6, 2.6))
    axis.barh(tags[::-1], totals[::-1], color=colours[::-1])
    axis.set_xlabel("turns that carry it")
    save(figure, "tags.svg")
    figure, axis = plt.subplots(figsize=(6, 0.26 * len(stats.approaches) + 0.8))
    axis.barh([name for name, _ in stats.approaches][::-1], [n for _, n in stats.approaches][::-1], color="#777777")
    axis.set_xlabel("sessions")
    save(figure, "approaches.svg")
    figure, axis = plt.subplots(figsize=(6, 2.6))
    axis.hist([np.mean([bool(t.markers) for t in s.turns]) for s in sessions], bins=np.arange(0, 0.61, 0.04), color="#777777")
    axis.set(xlabel="share of tagged turns in a session", ylabel="sessions")
    save(figure, "density.svg")
    if points:
        figure, axis = plt.subplots(figsize=(6, 2.6))
        axis.plot([n for n, _ in points], [v for _, v in points], marker="o", color="#0072B2")
        axis.set(xscale="log", xlabel="training sessions", ylabel="macro-F1, validation")
        axis.set_xticks([n for n, _ in points], [str(n) for n, _ in points])
        axis.minorticks_off()
        save(figure, "learning_curve.svg")


def fill(text: str, blocks: dict[str, str]) -> str:
    for name, block in blocks.items():
        text, found = re.subn(
            rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)", lambda m: f"{m[1]}{block}\n{m[2]}", text, flags=re.DOTALL
        )
        if not found:
            raise SystemExit(f"data/README.md has no place for « {name} »")
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--no-curve", action="store_true")
    arguments = parser.parse_args()
    splits = {split: load_sessions(split) for split in SPLITS}
    sessions = [session for part in splits.values() for session in part]
    stats = corpus_stats()
    have = all(reading_path(name).is_file() for name in READINGS)
    agreement = measure_agreement({name: load_reading(name) for name in READINGS}) if have else None
    points = [] if arguments.no_curve else curve(splits["train"], splits["validation"])
    page = corpus_folder().parent / "README.md"
    blocks = {
        "counts": counts_block(stats),
        "pairs": pairs_block(stats),
        "cards": cards_block(sessions, stats),
        "agreement": agreement_block(agreement),
        "settling": settling_block(sessions),
        "overlap": overlap_block(stats),
    }
    if points:
        blocks["curve"] = curve_block(points)
    draw(page.parent / FIGURES, sessions, stats, points)
    page.write_text(fill(page.read_text(encoding="utf-8"), blocks), encoding="utf-8")
    print("\n\n".join(blocks.values()))


if __name__ == "__main__":
    main()
