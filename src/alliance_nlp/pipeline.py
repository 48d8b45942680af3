"""The whole flow on one page: a read transcript is checked for identifying information, then tagged.

    read_transcript(path) ─▶ annotate(transcript, tagger) ─▶ report · exports · review
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from alliance_nlp import privacy
from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.transcript import Transcript

if TYPE_CHECKING:
    from alliance_nlp.tagger import Tagger


def annotate(transcript: Transcript, tagger: Tagger, *, strict_privacy: bool = False) -> Transcript:
    """Return the transcript with the tagger's markers and, where identifying information is left, a warning.

    Raises TranscriptFormatError when ``strict_privacy`` and identifying information is left.
    """
    transcript = guard_privacy(transcript, strict=strict_privacy)
    return tagger.tag(transcript)


def guard_privacy(transcript: Transcript, *, strict: bool) -> Transcript:
    """Return the transcript with the privacy warning it needs; TranscriptFormatError instead when ``strict``."""
    notice = privacy.warn(privacy.scan(transcript))
    kept = tuple(old for old in transcript.warnings if not old.code.startswith("privacy."))
    if notice is None:
        return dataclasses.replace(transcript, warnings=kept)
    if strict:
        raise TranscriptFormatError(notice.code, file=transcript.source.file, **notice.params)
    return dataclasses.replace(transcript, warnings=(*kept, notice))
