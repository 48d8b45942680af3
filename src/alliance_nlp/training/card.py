"""The model card: ``README.md`` of a model directory, every figure from ``metrics.json``."""

from __future__ import annotations

from pathlib import Path

from alliance_nlp.labels import default_label_set
from alliance_nlp.tagger.calibration import SURE_PRECISION, Calibration
from alliance_nlp.tagger.therapy import LEAST_TURNS
from alliance_nlp.training.config import TrainingConfig
from alliance_nlp.training.pictures import COVERAGE, RELIABILITY

HEAD = """---
language: fr
license: mit
library_name: alliance-nlp
pipeline_tag: text-classification
tags: [psychotherapy, therapeutic-alliance, rupture-repair, french, dialogue]
base_model: intfloat/multilingual-e5-small
model-index:
- name: {name}
  results:
  - task: {{type: text-classification, name: turn-level alliance marking}}
    dataset: {{type: fictional, name: alliance-nlp corpus (test split)}}
    metrics:
    - {{type: f1, name: "macro-F1 (goal, task, bond, rupture)", value: {macro:.3f}}}
---

# {name} {version}

Marks each turn of a French psychotherapy session as goal agreement, task agreement, bond, rupture (withdrawal,
confrontation) or repair, with evidence spans, calibrated probabilities and a flag of doubt.

**Read this first.** The model was trained and tested on *fictional* sessions, written and tagged by a language model,
not by clinicians (validation and test: two readings and a third that settled them, all by the same language model). The scores below say how well it finds those tags in sessions
by other writers of the same kind; they say nothing certain about real sessions, and agreement among such writers is
an upper bound, never "human agreement".

**Intended use:** a first reading of anonymised French transcripts, checked turn by turn by a person who knows therapy;
research on the patterns of such tags when a part has been checked by people.
**Not for:** diagnosis, judging a patient or a therapist, scoring a person, decisions about care, unsupervised use,
other languages, identified data.

## How it works

`query: ` + turn{heard} → encoder (12 layers, hidden 384) → mean of the turn's own tokens → two session layers over the turns (at most
{past} turns back and {ahead} ahead in each; five ahead in all) → sigmoid per output. Evidence comes from a token head
conditioned on the turn's context. Therapists are never tagged with a rupture. Long turns are read in pieces, none cut off.
The encoder is `multilingual-e5-small` (MIT), rebuilt from a 4-bit copy by `models/make_base.py`, vocabulary trimmed to
18,000 French pieces, then fine-tuned whole.

The directory loads with `AllianceModel.from_pretrained(path)` or `alliance_nlp.Tagger.load(path)`; `AutoTokenizer` and
`AutoModel.from_pretrained(path, local_files_only=True)` give the tokenizer and the tuned encoder alone.
"""

FOOT = """
## Data and run

{splits}. Splits are by session, setting and writer: no writer of a validation or test session wrote a training one.
Configuration, seed, data hash and versions: `training.toml`. Training took {minutes:.0f} minutes on {device}
({epochs} epochs; the one with the best mean average precision on validation was kept).

Validation mean average precision by epoch: {history}.

## Known limits

- {total} sessions are little; rare markers (goal, bond, confrontation) have wide intervals.
- One writer model wrote everything: its habits are in training and test alike, which flatters the scores.
- Thresholds and calibration were fitted on {validation} validation sessions and then measured on other ones.
- Tags were read twice by the same language model: its agreement with itself (`data/README.md`) bounds the label noise, no more.
"""


def write_card(folder: Path, config: TrainingConfig, metrics: dict, calibration: Calibration) -> None:
    """Write the card of a measured model."""
    sizes, taught = metrics["split_sizes"], metrics.get("trained_on", {})
    parts = [
        HEAD.format(
            name=config.name,
            version=config.version,
            macro=metrics["macro_f1"],
            past=16,
            ahead="three, then two",
            heard=f" (read after the last {config.previous_tokens} tokens of the turn before)" if config.previous_tokens else "",
        ),
        *([people_part(taught["reviewed"])] if "reviewed" in taught else []),
        *([start_part(taught["start"])] if "start" in taught else []),
        "\n## Scores on the test split (held-out sessions, other writers)\n",
        score_table(metrics["test"]),
        "\n### The same sessions with the roles hidden\n",
        score_table(metrics["test_without_roles"], brief=True),
        "\n### Validation (thresholds were chosen here: too good by construction)\n",
        score_table(metrics["validation"], brief=True),
        "\n## What it stands\n",
        robustness_table(metrics.get("robustness"), metrics.get("factors"), metrics["ordinary_talk"]),
        "\n## Talk that is no psychotherapy\n",
        talk_line(metrics["ordinary_talk"]),
        *([unmarked_line(metrics["left_unmarked"], metrics.get("robustness") or [])] if metrics.get("left_unmarked") else []),
        "\n## Minimal pairs\n",
        contrast_line(metrics.get("contrast")),
        "\n## Where it does better and worse\n",
        factor_table(metrics.get("factors")),
        "\n## Reading only what it is sure of\n",
        coverage_table(metrics.get("risk_coverage")),
        "\n## Are the probabilities true?\n",
        reliability_table(metrics.get("reliability")),
        "\n## Thresholds and doubt\n",
        calibration_table(calibration),
        FOOT.format(
            splits=", ".join(f"{name}: {count} sessions" for name, count in sizes.items()),
            minutes=metrics["training_seconds"] / 60,
            device="a GPU" if metrics["device"].startswith("cuda") else "2 CPU cores",
            epochs=len(metrics["history"]),
            history=", ".join(f"{epoch['validation_map']:.3f}" for epoch in metrics["history"]),
            total=sum(sizes.values()),
            validation=sizes["validation"],
        ),
    ]
    (folder / "README.md").write_text("\n".join(parts), encoding="utf-8")


def people_part(reviewed: dict) -> str:
    """Return what people's decisions came in, whence, and what that changes."""
    return (
        "\n## Decisions of people\n\n"
        f"Beside the fictional corpus the model learnt from **{reviewed['turns']} turns reviewed by {reviewed['people']} "
        f"{'person' if reviewed['people'] == 1 else 'people'}** in {reviewed['sessions']} sessions, with {reviewed['markers']} marks that "
        "people gave, accepted or settled. Turns that nobody reviewed taught nothing: neither the machine's own marks nor their absence.\n\n"
        "Origin: sessions given by whoever trained this model (for a team: real people, real talk), read in the review page or another tool. They are unlike the "
        "corpus in everything; the scores below are on the fictional corpus alone and **do not say how well the model reads sessions like "
        "those**: measure that with `evaluate --reference` on reviewed sessions that were not given to `train`.\n\n"
        "**Keep this model where the transcripts are kept.** Weights fitted to a few real sessions may let a part of them be guessed: "
        "do not publish or pass on the model unless the transcripts might be.\n"
    )


def start_part(start: dict) -> str:
    """Return which model the run began with."""
    before = start["trained_on"]
    sessions = f", trained on {before['sessions']} sessions" if "sessions" in before else ""
    mean = f" Once it was over, {start['share']:.0%} of each weight was taken from there (model soup)." if start.get("share") else ""
    return f"\nThe run went on from the weights of {start['name']} {start['version']}{sessions} (`{start['sha256'][:12]}`).{mean}\n"


def score_table(scores: dict, *, brief: bool = False) -> str:
    """Return a split's scores as Markdown; 95 % intervals by bootstrap over sessions."""
    macro = scores["macro_f1"]
    lines = [
        f"Macro-F1 of goal, task, bond, rupture: **{macro['value']:.3f}** [{macro['low']:.3f}, {macro['high']:.3f}] · "
        f"mean average precision {scores['mean_average_precision']:.3f} · {scores['sessions']} sessions, "
        f"{scores['turns']} turns."
    ]
    if brief:
        return lines[0]
    lines += [
        f"Evidence F1 (characters): {scores['evidence_where']:.3f} on turns both sides tag, "
        f"{scores['evidence_all']:.3f} over all. "
        f"Doubt: {scores['review_share']:.1%} of the turns are flagged and hold {scores['error_in_review']:.1%} of the errors.",
        "",
        "| output | turns | tagged | P | R | F1 [95 %] | AP | kappa | ECE | Brier |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for o in scores["outputs"]:
        lines.append(
            f"| {o['name']} | {o['support']} | {o['tagged']} | {o['precision']:.2f} | {o['recall']:.2f} | "
            f"{o['f1']['value']:.2f} [{o['f1']['low']:.2f}, {o['f1']['high']:.2f}] | {o['average_precision']:.2f} | "
            f"{o['kappa']:.2f} | {o['calibration_error']:.3f} | {o['brier']:.3f} |"
        )
    return "\n".join(lines)


def talk_line(talk: dict) -> str:
    """Return the false marks per 1,000 turns of talk that is no therapy."""
    line = (
        "Marks per 1,000 turns of the conversations of validation and test that are no therapy, roles hidden "
        f"(right answer: 0; {talk['turns']} turns): {marks_of(talk)}."
    )
    if "turn_by_turn" in talk:
        line += f" Turn by turn, that is without the judgement below (`--tag-all`): {marks_of(talk['turn_by_turn'])}."
    return line


def marks_of(rates: dict) -> str:
    """Return the rate of each label and of all together."""
    labels = [label for label in default_label_set().ids if label in rates]
    return ", ".join(f"{label} {rates[label]:.1f}" for label in labels) + f"; in all {sum(rates[label] for label in labels):.1f}"


def unmarked_line(counts: dict, conditions: list[dict]) -> str:
    """Return how many sessions are left unmarked because they do not sound like psychotherapy, rightly and wrongly."""
    where = {
        "validation": "validation (the limit was set here: no therapy by construction)",
        "test": "test",
        "test_without_roles": "test, roles hidden",
        "as_recognised": "test, as a speech recogniser writes",
        "as_recognised_roles_hidden": "test, as a speech recogniser writes, roles hidden",
    }
    named = [(where[name], row) for name, row in counts.items()]
    named += [(where[row["level"]], row["left_unmarked"]) for row in conditions if "left_unmarked" in row]
    lines = [
        "",
        f"A session of {LEAST_TURNS} turns or more that does not sound like psychotherapy is left unmarked, with a warning (`--tag-all` marks it all the "
        "same; probabilities are written in any case). The judgement is a logistic regression on the mean of the turns' contexts, fitted on training "
        f"sessions; its limit was set so that no therapy of validation, nor any passage of {LEAST_TURNS} turns of one, is left unmarked. Shorter sessions are not judged. "
        "Precision, recall and F1 above are those of the tagger as it works, with that judgement; average precision, calibration error, Brier score and the "
        "drawings below are of the probabilities, which it does not change. Real recordings of therapy have not been tried: where yours is refused wrongly, please say so.",
        "",
        "| sessions | therapies left unmarked (wrong) | other talk left unmarked (right) |",
        "|---|---|---|",
    ]
    lines += [f"| {name} | {r['therapy'][0]} of {r['therapy'][1]} | {r['other'][0]} of {r['other'][1]} |" for name, r in named]
    return "\n".join(lines)


CONDITIONS = {
    "as_is": "test sessions as they are",
    "roles_hidden": "the same, roles hidden",
    "as_recognised": "the same as a speech recogniser writes: no capitals, no punctuation, some slips",
    "as_recognised_roles_hidden": "the same, and roles hidden",
    "one_sentence": "turns of at most one sentence",
    "several_sentences": "turns of several sentences",
}
LEVELS = (  # of the factors below, those that the protocol asks for
    ("transcription", "asr", "sessions written as by a speech recogniser"),
    ("patient's French", "regional or overseas French", "sessions with regional or overseas French"),
    ("setting", "hospital or care", "sessions in a hospital or care setting"),
)


def robustness_table(rows: list[dict] | None, factors: dict | None, talk: dict) -> str:
    """Return macro-F1 under changes of the text and on particular sessions, each beside the unchanged test split."""
    if not rows:
        return "Not measured."
    whole = rows[0]["macro_f1"]
    lines = ["| condition | sessions | turns | macro-F1 | difference |", "|---|---|---|---|---|"]
    named = [(CONDITIONS[row["level"]], row) for row in rows]
    for factor, level, words in LEVELS:
        named += [(words, row) for row in (factors or {}).get(factor, ()) if row["level"] == level]
    for words, row in named:
        lines.append(f"| {words} | {row['sessions']} | {row['turns']} | {row['macro_f1']:.3f} | {row['macro_f1'] - whole:+.3f} |")
    false = sum(talk[label] for label in default_label_set().ids if label in talk)
    return "\n".join([*lines, "", f"On talk that is no therapy: {false:.0f} false marks per 1,000 turns in all (next section)."])


def contrast_line(score: dict | None) -> str:
    """Return the share of minimal pairs with both members right."""
    if score is None:
        return "Not measured: no pairs beside the corpus."
    both = score["both"]
    return (
        f"Of {score['pairs']} pairs of short exchanges with nearly the same last turn, both members are read rightly in "
        f"**{both['value']:.1%}** [{both['low']:.1%}, {both['high']:.1%}] (a reader of words alone: 0 %); a single member in "
        f"{score['members']:.1%}."
    )


def factor_table(factors: dict | None) -> str:
    """Return the macro-F1 of each level of each factor."""
    if not factors:
        return "Not measured."
    lines = [
        "Macro-F1 on the test split (no ordinary talk); levels of fewer than three sessions are taken together. A level's own intervals would be wide: "
        "read differences under 0.1 as chance. Turns of the therapist cannot carry a rupture.",
        "",
        "| factor | level | sessions | turns | macro-F1 |",
        "|---|---|---|---|---|",
    ]
    for factor, rows in factors.items():
        for place, row in enumerate(rows):
            name = factor if place == 0 else ""
            lines.append(f"| {name} | {row['level']} | {row['sessions']} | {row['turns']} | {row['macro_f1']:.2f} |")
    return "\n".join(lines)


def coverage_table(points: list[dict] | None) -> str:
    """Return macro-F1 by share of turns that the machine keeps to itself."""
    if not points:
        return "Not measured."
    at = {round(point["coverage"], 2): point for point in points}
    lines = [
        f"![Macro-F1 by the share of turns that the model reads alone]({COVERAGE})",
        "",
        f"When the 10 % of the test turns that the model is least sure of are left to a person, macro-F1 on the rest is {at[0.9]['macro_f1']:.3f} "
        f"({at[0.9]['macro_f1'] - at[1.0]['macro_f1']:+.3f}).",
        "",
        "| turns read by the model | macro-F1 | turns with a wrong mission label |",
        "|---|---|---|",
    ]
    lines += [f"| {p['coverage']:.0%} | {p['macro_f1']:.3f} | {p['wrong_turns']:.1%} |" for p in points]
    return "\n".join(lines)


def reliability_table(outputs: dict | None) -> str:
    """Return, for the most probable groups of turns, what was said and what was found."""
    if not outputs:
        return "Not measured."
    lines = [
        f"![Found over said, one panel an output]({RELIABILITY})",
        "",
        "The drawing: tenths of the probability with at least 20 test turns. The table: ",
        "test turns in ten groups of equal size by rising probability; of the three highest groups, the mean probability and how often the label "
        "was really there.",
        "",
        "| output | 8th: said / found | 9th | 10th |",
        "|---|---|---|---|",
    ]
    for name, groups in outputs.items():
        lines.append(f"| {name} | " + " | ".join(f"{g['said']:.2f} / {g['found']:.2f}" for g in groups[-3:]) + " |")
    return "\n".join(lines)


def calibration_table(calibration: Calibration) -> str:
    """Return thresholds and doubt bands as Markdown."""
    lines = [
        "Probabilities are calibrated on validation (one temperature and offset per output). A turn is `needs_review` when a "
        f"label's probability lies in its band: from a near miss up to where validation precision reaches {SURE_PRECISION:.0%} "
        "(1.0: it never does).",
        "",
        "| output | temperature | offset | threshold | doubt from | to |",
        "|---|---|---|---|---|---|",
    ]
    for name, o in calibration.outputs.items():
        lines.append(
            f"| {name} | {o.temperature:.2f} | {o.offset:.2f} | {o.threshold:.2f} | {o.review_low:.2f} | {o.review_high:.2f} |"
        )
    return "\n".join(lines)
