"""An agreement as text for a terminal, and its differing turns as CSV rows.  Never holds transcript text."""

from __future__ import annotations

import csv
from io import StringIO

from alliance_nlp.evaluation.agreement import MIN_TRUSTED_SESSIONS, NOTHING, Agreement, Coefficient, LabelAgreement
from alliance_nlp.evaluation.coefficients import COEFFICIENTS
from alliance_nlp.messages import render

GROUPINGS = ("label", "session", "pair")
SHOWN_DIFFERENCES = 20  # a screenful; the CSV holds all


def render_agreement(agreement: Agreement, language: str, *, by: str = "label") -> str:
    """Return the table of ``by`` (one of GROUPINGS), the confusion table and the first differing turns."""

    def say(code: str, **params: object) -> str:
        return render(f"evaluation.{code}", language, **params)

    rows = {"label": agreement.by_label, "session": agreement.by_session, "pair": agreement.by_pair}[by]
    names = ", ".join(agreement.annotators)
    lines = [say("agreement_head", annotators=names, sessions=agreement.sessions, turns=agreement.turns), ""]
    lines += table(rows, say("tagged_turns"))
    lines += ["", say("agreement_legend")]
    lines += [say("agreement_all_labels")] if by != "label" else []
    if agreement.sessions < MIN_TRUSTED_SESSIONS:
        lines.append(say("few_sessions", sessions=agreement.sessions))
    lines += ["", say("confusion_head"), "", *confusion_table(agreement)]
    lines += ["", say("evidence_agreement", value=f"{agreement.evidence_f1:.3f}"), ""]
    if agreement.left_out:
        lines.append(say("left_out", count=len(agreement.left_out), sessions=", ".join(agreement.left_out[:10])))
    shown = agreement.differences[:SHOWN_DIFFERENCES]
    lines.append(say("differing_turns", count=len(agreement.differences), shown=len(shown)))
    lines += [
        f"  {d.session_id}  {d.turn + 1:>4}  {d.speaker or '?'}: " + "  |  ".join(" + ".join(labels) or "–" for labels in d.labels)
        for d in shown
    ]
    return "\n".join(lines)


def table(rows: tuple[LabelAgreement, ...], tagged_head: str) -> list[str]:
    """Return aligned lines: name, tagged turns, then each coefficient with its interval."""
    width = max(14, *(len(row.name) + 1 for row in rows))
    tagged = [" / ".join(map(str, row.tagged)) for row in rows]
    tags = max(len(tagged_head), *map(len, tagged)) + 2
    lines = [f"{'':{width}}{tagged_head:>{tags}}" + "".join(f"{name:>20}" for name in COEFFICIENTS)]
    for row, count in zip(rows, tagged, strict=True):
        cells = "".join(f"{cell(row.coefficients[name]):>20}" for name in COEFFICIENTS)
        lines.append(f"{row.name:{width}}{count:>{tags}}{cells}")
    return lines


def cell(coefficient: Coefficient) -> str:
    """Return a coefficient with its interval, a dash where it is not defined.

    >>> cell(Coefficient(0.5, 0.25, 0.75)), cell(Coefficient(0.5, None, None)), cell(Coefficient(None, None, None))
    ('.50 [.25, .75]', '.50', '–')
    """
    if coefficient.value is None:
        return "–"
    if coefficient.low is None or coefficient.high is None:
        return short(coefficient.value)
    return f"{short(coefficient.value)} [{short(coefficient.low)}, {short(coefficient.high)}]"


def short(value: float) -> str:
    """Return two decimals without the leading zero."""
    return f"{value:.2f}".replace("0.", ".", 1) if abs(value) < 0.995 else f"{value:.1f}"


def confusion_table(agreement: Agreement) -> list[str]:
    """Return the confusion table's lines; zeros are dots, so that what matters stands out."""
    names = list(agreement.confusion)
    lines = [f"{'':14}" + "".join(f"{name:>14}" for name in names)]
    for name in names:
        cells = [agreement.confusion[name][other] for other in names]
        shown = ["" if name == other == NOTHING else str(n or "·") for n, other in zip(cells, names, strict=True)]
        lines.append(f"{name:14}" + "".join(f"{text:>14}" for text in shown))
    return lines


def differences_csv(agreement: Agreement) -> str:
    """Return one row a differing turn: session, turn (0-based, as in the record), speaker, each annotator's labels."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["session_id", "turn", "speaker", *agreement.annotators])
    for difference in agreement.differences:
        given = [" ".join(labels) for labels in difference.labels]
        writer.writerow([difference.session_id, difference.turn, difference.speaker or "", *given])
    return out.getvalue()
