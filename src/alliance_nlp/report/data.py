"""The content of a session's page as JSON-ready data: raw numbers, ids and texts, for other programs.

In: an annotated transcript.  Out: a dict; turns are named by ``index`` (the record's, from 0) and ``number``
(the page's, from 1).  Same content as the HTML page, the drawing left out (its data is all here).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alliance_nlp.labels import default_label_set
from alliance_nlp.patterns import EPISODE_GAP, LabelCount, DyadSession, SessionPatterns, SpeakerTalk, Third
from alliance_nlp.report.context import PassageView, SessionPage, TurnView, session_page
from alliance_nlp.report.excerpts import evidence_of
from alliance_nlp.report.facts import ModelFacts
from alliance_nlp.report.marks import Doubt, Mark
from alliance_nlp.report.numbering import turn_number
from alliance_nlp.report.pattern_data import bond_data, contrast_data, density_data, episode_data, phase_data, proposal_data
from alliance_nlp.report.wording import Wording
from alliance_nlp.transcript import Transcript

SCHEMA = "alliance-nlp/session-report/1"
DECIMALS = 4  # of shares and densities: more would only be noise


def report_data(
    transcript: Transcript,
    *,
    language: str = "fr",
    model_facts: Mapping[str, Any] | None = None,
    earlier: Sequence[DyadSession] = (),
    with_text: bool = True,
) -> dict[str, Any]:
    """Return a session's report as a JSON-ready dict; ``language`` is that of its sentences.

    Without ``with_text`` no word of the session is in it: neither a turn's text nor its evidence's.
    """
    page = session_page(transcript, model_facts=model_facts, earlier=earlier, with_text=with_text)
    wording = Wording(language)
    return {
        "schema": SCHEMA,
        "language": language,
        "notice": f"{wording.say('working_document')} {wording.say('no_diagnosis')}",
        **_head(page, wording),
        "with_text": with_text,
        "patterns": _patterns(page.patterns) | {"density": density_data(page.curves), "dyad": contrast_data(page.contrast)},
        "kinds": [{"kind": kind.name, "macro_f1": kind.macro_f1, "test_sessions": kind.sessions} for kind in page.kinds],
        "doubtful": [_doubtful(doubt.turn) | {"episode": doubt.episode} for doubt in page.doubts],
        "passages": [_passage(passage) for passage in page.passages],
        "turns": [_turn(transcript, view, with_text) for view in page.turns],
        "limits": _limits(page, wording),
    }


def _head(page: SessionPage, wording: Wording) -> dict[str, Any]:
    transcript = page.transcript
    notices = [
        {"code": notice.code, "line": notice.line, "message": notice.message(wording.language)}
        for notice in transcript.warnings
    ]
    cautions = [{"code": f"report.{key}", "line": None, "message": wording.say(key)} for key in page.cautions]
    return {
        "session_id": transcript.session_id,
        "metadata": dict(page.metadata),
        "source": {"file": transcript.source.file, "sha256": transcript.source.sha256},
        "models": list(page.models),
        "machine_read": page.machine_read,
        "warnings": notices + cautions,
    }


def _patterns(patterns: SessionPatterns) -> dict[str, Any]:
    stretch = patterns.longest_without_agreement
    return {
        "turns": patterns.turns,
        "words": patterns.words,
        "duration_s": patterns.duration_s,
        "speakers": [_talk(part) for part in patterns.talk],
        "thirds": [_third(third) for third in patterns.thirds],
        "counts": [_count(count, patterns.talk) for count in patterns.counts],
        "agreement_turns": list(patterns.agreement),
        "longest_without_agreement": None
        if stretch is None
        else {"first": stretch.first, "last": stretch.last, "turns": stretch.turns, "words": stretch.words},
        "episode_gap_turns": EPISODE_GAP,
        "episodes": [episode_data(episode) for episode in patterns.episodes],
        "repairs_outside_episodes": list(patterns.repairs_outside_episodes),
        "bond_after_repair": bond_data(patterns.bond_after_repair),
        "phases": [phase_data(phase) for phase in patterns.phases],
        "proposals": [proposal_data(proposal) for proposal in patterns.proposals],
        "origins": [
            {
                "kind": entry.origin.kind.value,
                "name": entry.origin.name,
                "version": entry.origin.version,
                "markers": entry.markers,
                "turns": entry.turns,
            }
            for entry in patterns.origins
        ],
    }


def _talk(part: SpeakerTalk) -> dict[str, Any]:
    return {
        "speaker": part.speaker,
        "role": part.role.value,
        "turns": part.turns,
        "words": part.words,
        "turn_share": round(part.turn_share, DECIMALS),
        "word_share": round(part.word_share, DECIMALS),
        "longest_turn_words": part.longest_words,
        "speech_s": part.speech_s,
    }


def _third(third: Third) -> dict[str, Any]:
    return {
        "third": third.number,
        "first": third.first,
        "last": third.last,
        "turns": third.turns,
        "words": third.words,
    }


def _count(count: LabelCount, talk: Sequence[SpeakerTalk]) -> dict[str, Any]:
    return {
        "label": count.name,
        "turns": list(count.turns),
        "total": count.total,
        "per_100_turns": round(count.per_100_turns, DECIMALS),
        "by_third": list(count.by_third),
        "by_speaker": [
            {"speaker": part.speaker, "total": sum(row), "by_third": list(row)}
            for part, row in zip(talk, count.cells)
        ],
    }


def _doubtful(view: TurnView) -> dict[str, Any]:
    return {"index": view.index, "number": view.number, "labels": [_doubt(doubt) for doubt in view.doubts]}


def _doubt(doubt: Doubt) -> dict[str, Any]:
    return {"label": doubt.label, "probability": doubt.probability, "marked": doubt.marked}


def _passage(passage: PassageView) -> dict[str, Any]:
    return {
        "first": passage.first,
        "last": passage.last,
        "numbers": [turn_number(passage.first), turn_number(passage.last)],
        "labels": list(passage.labels),
        "marked": [line.turn.index for line in passage.lines if not line.context],
    }


def _turn(transcript: Transcript, view: TurnView, with_text: bool) -> dict[str, Any]:
    turn = transcript.turns[view.index]
    return {
        "index": view.index,
        "number": view.number,
        "speaker": view.speaker,
        "role": view.role.value,
        "start_s": turn.start_s,
        "end_s": turn.end_s,
        "line": turn.line,
        "words": view.words,
        **({"text": turn.text} if with_text else {}),
        "markers": [_mark(mark) for mark in view.marks],
        "evidence": {
            label: [
                {"start": span.start, "end": span.end}
                | ({"text": turn.text[span.start : span.end]} if with_text else {})
                for span in spans
            ]
            for label, spans in evidence_of(turn).items()
        },
        "needs_review": view.needs_review,
    }


def _mark(mark: Mark) -> dict[str, Any]:
    origin = mark.marker.origin
    return {
        "label": mark.marker.label,
        "types": list(mark.marker.types),
        "probability": mark.marker.probability,
        "origin": {"kind": origin.kind.value, "name": origin.name, "version": origin.version},
        "to_check": mark.doubtful,
    }


def _limits(page: SessionPage, wording: Wording) -> dict[str, Any]:
    machine = ("limit_machine", "limit_probability") if page.machine_read else ("limit_people",)
    return {
        "sentences": [
            wording.say(key) for key in ("limit_no_score", *machine, "limit_absence", "limit_counts")
        ],
        "errors": _errors(page.facts) if page.machine_read else None,
    }


def _errors(facts: ModelFacts) -> dict[str, Any]:
    return {
        "macro_f1": facts.macro_f1,
        "false_marks_per_1000_turns_of_ordinary_talk": dict(facts.false_marks),
        "per_label": {
            label: {"precision": facts.per_label[label].precision, "recall": facts.per_label[label].recall}
            for label in default_label_set().ids
            if label in facts.per_label
        },
    }
