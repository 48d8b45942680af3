"""Word documents (``.docx``), one a session: the dialogue, its evidence marked, a comment in the margin for each marker.

In: transcripts.  Out: documents whose talk is a table (turn, speaker, words), so that any reader, ours too, gets the turns
back exactly.  No mark is by colour alone: each label has its own underline, and the comment names it.  python-docx is an
extra (``pip install 'alliance-nlp[word]'``), loaded when the first document is written.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Any

from alliance_nlp.errors import ConfigError
from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.exports.word_parts import colour_run, comment, field, plain_document, shrink, talk_table
from alliance_nlp.file_names import file_name
from alliance_nlp.labels import default_label_set
from alliance_nlp.messages import render
from alliance_nlp.report.context import is_machine_read, model_names
from alliance_nlp.report.excerpts import cut, readable
from alliance_nlp.report.facts import ModelFacts
from alliance_nlp.report.marks import Mark, marks_of
from alliance_nlp.report.numbering import turn_number
from alliance_nlp.report.wording import Wording
from alliance_nlp.transcript import OriginKind, Transcript, Turn

MOST_ON_A_LINE = 150  # characters of the list of speakers: a longer line would not be read back as one


def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield one document a session; ConfigError without python-docx."""
    if find_spec("docx") is None:
        raise ConfigError("exports.word_needs_extra")
    for transcript in transcripts:
        data = _document(transcript, Wording(options.language))
        yield ExportedFile(f"{file_name(transcript.session_id)}.docx", data)


def _document(transcript: Transcript, wording: Wording) -> bytes:
    document = plain_document(wording.language, _say("word_title", wording, session=readable(transcript.session_id)))
    document.add_heading(_say("word_title", wording, session=readable(transcript.session_id)), 1)
    for line in _about(transcript, wording):
        document.add_paragraph(line)
    for line in _cautions(transcript, wording):
        document.add_paragraph(line).runs[0].italic = True
    document.add_heading(_say("word_legend", wording), 2)
    _legend(document, wording)
    document.add_heading(_say("word_talk", wording), 2)
    _talk(document, transcript, wording)
    _footer(document, transcript, wording)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _say(key: str, wording: Wording, **params: object) -> str:
    return render(f"exports.{key}", wording.language, **params)


# ---------------------------------------------------------------------------------------- above the talk


def _about(transcript: Transcript, wording: Wording) -> Iterator[str]:
    known = {key: transcript.metadata.get(key) for key in ("dyad_id", "session_number", "date")}
    for key, value in known.items():
        if isinstance(value, (str, int)) and str(value).strip():
            yield _say(f"word_{key}", wording, value=readable(str(value)))
    line = ""
    for speaker in transcript.speakers:
        one = f"{readable(speaker.id)} = {wording.role(speaker.role)}"
        if line and len(line) + len(one) > MOST_ON_A_LINE:
            yield line
            line = ""
        line = f"{line}{wording.say('list_separator')}{one}" if line else one
    if line:
        yield line


def _cautions(transcript: Transcript, wording: Wording) -> Iterator[str]:
    if transcript.metadata.get("fictional") is True:
        yield _say("word_fictional", wording)
    if is_machine_read(transcript):
        names = wording.join(list(model_names(transcript, ModelFacts())))
        yield _say("word_by_model", wording, model=names or wording.say("the_model"))
    origins = {marker.origin for turn in transcript.turns for marker in turn.markers}
    people = sorted({wording.origin(origin) for origin in origins if origin.kind is not OriginKind.MODEL})
    if people:
        yield _say("word_by_people", wording, people=wording.join(people))
    yield wording.say("limit_no_score")


def _legend(document: Any, wording: Wording) -> None:
    for label in default_label_set().labels:
        paragraph = document.add_paragraph()
        colour_run(paragraph.add_run(wording.typeset(wording.label(label.id, short=False))), (label.id,))
        kinds = wording.join([wording.label(kind.id) for kind in label.types])
        paragraph.add_run(f" ({kinds})" if kinds else "")
        paragraph.add_run(f" – {wording.definition(label.id)}")
        shrink(paragraph)
    shrink(document.add_paragraph(_say("word_comments", wording)))


def _footer(document: Any, transcript: Transcript, wording: Wording) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.add_run(_say("word_page", wording, session=readable(transcript.session_id)))
    field(paragraph, "PAGE")
    paragraph.add_run(" / ")
    field(paragraph, "NUMPAGES")
    shrink(paragraph)


# ---------------------------------------------------------------------------------------- the talk


def _talk(document: Any, transcript: Transcript, wording: Wording) -> None:
    heads = [_say(f"word_column_{name}", wording) for name in ("turn", "speaker", "words")]
    rows = talk_table(document, heads, len(transcript.turns))
    for turn, (number, speaker, words) in zip(transcript.turns, rows, strict=True):
        number.add_run(str(turn_number(turn.index)))
        if turn.start_s is not None:
            number.add_run("\n" + wording.clock(turn.start_s))
        shrink(number)
        speaker.add_run(readable(wording.speaker(turn.speaker))).bold = True
        _words(document, words, turn, wording)


def _words(document: Any, paragraph: Any, turn: Turn, wording: Wording) -> None:
    """Write a turn in runs of the same evidence, and a comment for each marker on the words it rests on."""
    runs: list[tuple[int, int, Any]] = []
    place = 0
    for piece in cut(turn):
        run = paragraph.add_run(piece.text)
        colour_run(run, piece.labels)
        runs.append((place, place + len(piece.text), run))
        place += len(piece.text)
    for mark in marks_of(turn, ModelFacts()):
        spans = mark.marker.spans
        first, last = (spans[0].start, spans[0].end) if spans else (0, max(place, 1))
        on = [run for start, end, run in runs if start < last and end > first]
        if on:
            comment(document, on, author=mark.marker.origin.name, lines=_lines(mark, wording))


def _lines(mark: Mark, wording: Wording) -> Iterator[str]:
    marker = mark.marker
    yield wording.marker(marker.label, marker.types)
    if marker.probability is not None:
        yield _say("word_certainty", wording, value=wording.probability(marker.probability))
    if mark.doubtful:
        yield wording.say("to_check")
    yield wording.origin(marker.origin)
    if len(marker.spans) > 1:
        yield _say("word_passages", wording, count=len(marker.spans))
