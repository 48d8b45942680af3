"""What ``alliance-nlp check`` says of a session: how it was read, who speaks, and what may identify somebody.

In: a transcript as read.  Out: a :class:`CheckResult`, as data or as text for a terminal.  Transcript text is shown
only when it is asked for.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from alliance_nlp import privacy
from alliance_nlp.messages import render
from alliance_nlp.privacy import Finding, PrivacyReport
from alliance_nlp.transcript import Role, Speaker, Transcript

FOR_INFORMATION = frozenset({"formats.lines_aside", "formats.numbered_turns", "files.docx_outside_table", "oral.aside", "oral.orfeo_words"})
FOR_INFORMATION |= {"talk_files.chat_tiers_aside", "talk_files.chat_headers_left", "talk_files.chat_mute_lines"}
FOR_INFORMATION |= {"talk_files.textgrid_aside", "talk_files.html_as_text"}
SHOWN_FINDINGS = 40  # a longer list is a sign to anonymise the file anew, not to read on


@dataclass(frozen=True, slots=True)
class SpeakerCheck:
    """One speaker: turns, words, and where the role comes from (asked, declared, name, talk, unknown)."""

    speaker: Speaker
    turns: int
    words: int

    @property
    def source(self) -> str:
        """Where the role comes from."""
        return str(self.speaker.extra.get("role_source", "declared"))


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Everything a person should know before a transcript is tagged."""

    transcript: Transcript
    speakers: tuple[SpeakerCheck, ...]
    privacy: PrivacyReport

    @property
    def problems(self) -> bool:
        """True when something needs a person: unknown roles, identifying information, warnings of the reader."""
        unknown = any(check.speaker.role is Role.UNKNOWN for check in self.speakers)
        warned = any(notice.code not in FOR_INFORMATION for notice in self.transcript.warnings)
        return unknown or self.privacy.needs_a_person or warned

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready values, without any transcript text."""
        source = self.transcript.source
        return {
            "session_id": self.transcript.session_id,
            "file": source.file,
            "format": source.format,
            "encoding": source.extra.get("encoding"),
            "turns": len(self.transcript.turns),
            "speakers": [
                {
                    "id": check.speaker.id,
                    "role": check.speaker.role.value,
                    "role_source": check.source,
                    "turns": check.turns,
                    "words": check.words,
                }
                for check in self.speakers
            ],
            "warnings": [{"code": n.code, "line": n.line, "message": n.message()} for n in self.transcript.warnings],
            "privacy": {
                "engine": self.privacy.engine,
                "findings": [finding_dict(finding) for finding in self.privacy.findings],
                "named_speakers": list(self.privacy.named_speakers),
            },
            "problems": self.problems,
        }


def check_transcript(transcript: Transcript, *, nlp: Any = None) -> CheckResult:
    """Look at one session; ``nlp`` is a spaCy pipeline for the privacy search (default: the installed one)."""
    turns = Counter(turn.speaker for turn in transcript.turns)
    words: Counter[str | None] = Counter()
    for turn in transcript.turns:
        words[turn.speaker] += len(turn.text.split())
    speakers = tuple(SpeakerCheck(s, turns[s.id], words[s.id]) for s in transcript.speakers)
    return CheckResult(transcript, speakers, privacy.scan(transcript, nlp=nlp))


def finding_dict(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON-ready values."""
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "turn": finding.turn,
        "line": finding.line,
        "start": finding.span.start,
        "end": finding.span.end,
        "rule": finding.rule,
    }


def render_check(result: CheckResult, language: str, *, show_text: bool = False) -> str:
    """Return the result as aligned text in ``language``; matched words only with ``show_text``."""
    source, say = result.transcript.source, lambda code, **p: render(f"checking.{code}", language, **p)
    lines = [
        f"{source.file or result.transcript.session_id}",
        "  " + say("read_as", format=source.format, encoding=source.extra.get("encoding") or "–", turns=len(result.transcript.turns)),
    ]
    width = max([len(check.speaker.id) for check in result.speakers], default=0)
    for check in result.speakers:
        role, why = say(f"role_{check.speaker.role.value}"), say(f"source_{check.source}")
        lines.append("  " + say("speaker", name=check.speaker.id.ljust(width), role=role, why=why, turns=check.turns, words=check.words))
    lines += [f"  ! {notice.message(language)}" for notice in result.transcript.warnings]
    lines += ["  " + line for line in privacy_lines(result, language, show_text=show_text)]
    return "\n".join(lines)


def privacy_lines(result: CheckResult, language: str, *, show_text: bool) -> list[str]:
    """Return what the search for identifying information found, one finding a line."""
    report, say = result.privacy, lambda code, **p: render(f"checking.{code}", language, **p)
    lines = [say("named_speaker", name=name) for name in report.named_speakers]
    found = report.serious
    lines.append(say("privacy_found", count=len(found), engine=report.engine) if found else say("privacy_none", engine=report.engine))
    for finding in found[:SHOWN_FINDINGS]:
        span = finding.span
        text = result.transcript.turns[finding.turn].text[span.start : span.end] if show_text else ""
        place = say("place", line=finding.line or "–", turn=finding.turn, start=span.start, end=span.end)
        lines.append(f"  {render(f'privacy.kinds_{finding.kind}', language)} · {place}" + (f" · {text}" if text else ""))
    if len(found) > SHOWN_FINDINGS:
        lines.append("  " + say("more", count=len(found) - SHOWN_FINDINGS))
    if "core_news" not in report.engine:
        lines.append(render("privacy.lists_alone", language))
    return lines
