"""The whole flow on one page: read transcripts are tagged while a search for identifying information runs beside.

    read_transcript(path) ─▶ annotate(transcript, tagger) ─▶ report · exports · review
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from alliance_nlp import privacy
from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.privacy import PrivacyReport
from alliance_nlp.transcript import Transcript

if TYPE_CHECKING:
    from alliance_nlp.tagger import Tagger


def annotate(transcript: Transcript, tagger: Tagger, *, strict_privacy: bool = False) -> Transcript:
    """Return the transcript with the tagger's markers and, where identifying information is left, a warning.

    Raises TranscriptFormatError when ``strict_privacy`` and identifying information is left.
    """
    with ThreadPoolExecutor(1) as beside:  # the network leaves Python alone while it computes
        (annotated,) = annotate_all([transcript], lambda: tagger, beside=beside, strict_privacy=strict_privacy)
    return annotated


def annotate_all(
    transcripts: Sequence[Transcript], load_tagger: Callable[[], Tagger], *, beside: Executor, strict_privacy: bool = False
) -> list[Transcript]:
    """Do for several transcripts what ``annotate`` does; ``beside`` searches them while the tagger is loaded and reads them."""
    reports = [beside.submit(privacy.scan, transcript) for transcript in transcripts]
    tagger = load_tagger()
    return [
        guard_privacy(tagger.tag(transcript), found(report, transcript), strict=strict_privacy)
        for transcript, report in zip(transcripts, reports, strict=True)
    ]


def found(report: Future[PrivacyReport], transcript: Transcript) -> PrivacyReport:
    """Return what was found beside; where the system has ended that process, search here."""
    try:
        return report.result()
    except BrokenExecutor:
        return privacy.scan(transcript)


def guard_privacy(transcript: Transcript, report: PrivacyReport, *, strict: bool) -> Transcript:
    """Return the transcript with the privacy warning it needs; TranscriptFormatError instead when ``strict``."""
    notice = privacy.warn(report)
    kept = tuple(old for old in transcript.warnings if not old.code.startswith("privacy."))
    if notice is None:
        return dataclasses.replace(transcript, warnings=kept)
    if strict:
        raise TranscriptFormatError(notice.code, file=transcript.source.file, **notice.params)
    return dataclasses.replace(transcript, warnings=(*kept, notice))
