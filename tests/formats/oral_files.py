"""A fictional conversation, written in the five formats of oral corpora."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from alliance_nlp.formats import read_bytes
from alliance_nlp.transcript import Transcript


@dataclass(frozen=True)
class Said:
    """What one person says between two times, in seconds."""

    speaker: str
    start_s: float
    end_s: float
    text: str


TALK = (
    Said("Thérapeute", 0.0, 3.25, "Bonjour, comment ça s'est passé, l'exercice du carnet ?"),
    Said("Patiente", 3.25, 7.5, "J'ai essayé deux fois, mais le soir, c'était trop."),
    Said("Patiente", 8.125, 9.0, "Voilà."),
    Said("Thérapeute", 9.5, 14.0, "D'accord. On peut le raccourcir ensemble, si vous voulez."),
    Said("Patiente", 9.5, 14.0, "Hm hm."),
    Said("Thérapeute", 14.25, 16.0, "Qu'est-ce qui serait possible pour vous ?"),
    Said("Patiente", 16.0, 19.75, "Peut-être le matin, avant d'aller à l'école."),
)


def read(data: bytes | str, name: str) -> Transcript:
    """Return the one session of ``data``."""
    (transcript,) = read_bytes(data if isinstance(data, bytes) else data.encode(), name)
    return transcript


def turns(transcript: Transcript) -> list[tuple[str | None, str, float | None, float | None]]:
    """Return who says what and when."""
    return [(turn.speaker, turn.text, turn.start_s, turn.end_s) for turn in transcript.turns]


def _speakers(talk: Iterable[Said]) -> list[str]:
    return list(dict.fromkeys(said.speaker for said in talk))


def eaf(tiers: Sequence[tuple[str, str, Sequence[tuple[str, int | None, int | None, str]]]], *, more: str = "", types: str = "") -> str:
    """Return an ELAN file; ``tiers``: attributes, type, annotations (id, start and end in ms, value)."""
    slots, body = [], []
    for attributes, kind, annotations in tiers:
        inner = []
        for identity, start, end, value in annotations:
            for side, time in (("s", start), ("e", end)):
                slots.append(f'<TIME_SLOT TIME_SLOT_ID="{identity}{side}"' + (f' TIME_VALUE="{time}"' if time is not None else "") + "/>")
            inner.append(
                f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{identity}" TIME_SLOT_REF1="{identity}s" TIME_SLOT_REF2="{identity}e">'
                f"<ANNOTATION_VALUE>{escape(value)}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
            )
        body.append(f'<TIER {attributes} LINGUISTIC_TYPE_REF="{kind}">{"".join(inner)}</TIER>')
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ANNOTATION_DOCUMENT AUTHOR="" DATE="2020-01-01T00:00:00+01:00" FORMAT="3.0" VERSION="3.0">'
        '<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/Marie_Dupont.wav" MIME_TYPE="audio/x-wav"/></HEADER>'
        f"<TIME_ORDER>{''.join(slots)}</TIME_ORDER>{''.join(body)}{more}"
        f'<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>{types}</ANNOTATION_DOCUMENT>'
    )


def as_eaf(talk: Sequence[Said]) -> str:
    tiers = []
    for place, speaker in enumerate(_speakers(talk)):
        rows = [(f"a{place}x{n}", round(s.start_s * 1000), round(s.end_s * 1000), s.text) for n, s in enumerate(talk) if s.speaker == speaker]
        tiers.append((f'TIER_ID="L{place}" PARTICIPANT={quoteattr(speaker)}', "default-lt", rows))
    return eaf(tiers)


def as_trs(talk: Sequence[Said]) -> bytes:
    names = _speakers(talk)
    rows = []
    for said in talk:
        place = f"spk{names.index(said.speaker) + 1}"
        if rows and rows[-1][0] == (said.start_s, said.end_s):
            rows[-1][1].append((place, said.text))
        else:
            rows.append(((said.start_s, said.end_s), [(place, said.text)]))
    body = []
    for (start_s, end_s), parts in rows:
        inner = "".join((f'<Who nb="{n}"/>\n' if len(parts) > 1 else "") + escape(text) + "\n" for n, (_, text) in enumerate(parts, 1))
        who = " ".join(place for place, _ in parts)
        body.append(f'<Turn speaker="{who}" startTime="{start_s}" endTime="{end_s}">\n<Sync time="{start_s}"/>\n{inner}</Turn>')
    speakers = "".join(f'<Speaker id="spk{n}" name={quoteattr(name)}/>' for n, name in enumerate(names, 1))
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE Trans SYSTEM "trans-14.dtd">\n<Trans scribe="X" audio_filename="Marie_Dupont">'
        f"<Speakers>{speakers}</Speakers><Episode><Section type='report' startTime='0' endTime='20'>{''.join(body)}</Section></Episode></Trans>"
    )
    return text.encode("iso-8859-1", errors="xmlcharrefreplace")


def as_tei(talk: Sequence[Said]) -> str:
    times = sorted({time for said in talk for time in (said.start_s, said.end_s)})
    names = _speakers(talk)
    persons = "".join(f"<person><persName>{escape(name)}</persName><altGrp><alt type='L{n}'/></altGrp></person>" for n, name in enumerate(names))
    whens = "".join(f'<when xml:id="T{n}" since="#T0" interval="{time}"/>' for n, time in enumerate(times, 1))
    blocks = "".join(
        f'<annotationBlock who="L{names.index(s.speaker)}" start="#T{times.index(s.start_s) + 1}" end="#T{times.index(s.end_s) + 1}">'
        f"<u><seg>{escape(s.text)}</seg></u></annotationBlock>"
        for s in talk
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><profileDesc><particDesc><listPerson>'
        f'{persons}</listPerson></particDesc></profileDesc></teiHeader><text><timeline unit="s"><when absolute="0" xml:id="T0"/>{whens}</timeline>'
        f"<body><div>{blocks}</div></body></text></TEI>"
    )


def as_exb(talk: Sequence[Said]) -> str:
    times = sorted({time for said in talk for time in (said.start_s, said.end_s)})
    names = _speakers(talk)
    table = "".join(f'<speaker id="SPK{n}"><abbreviation>{escape(name)}</abbreviation></speaker>' for n, name in enumerate(names))
    line = "".join(f'<tli id="T{n}" time="{time}"/>' for n, time in enumerate(times))
    tiers = "".join(
        f'<tier id="TIE{n}" speaker="SPK{n}" category="v" type="t">'
        + "".join(
            f'<event start="T{times.index(s.start_s)}" end="T{times.index(s.end_s)}">{escape(s.text)} </event>' for s in talk if s.speaker == name
        )
        + "</tier>"
        for n, name in enumerate(names)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><basic-transcription><head><meta-information/><speakertable>{table}</speakertable></head>'
        f"<basic-body><common-timeline>{line}</common-timeline>{tiers}</basic-body></basic-transcription>"
    )


def words(text: str) -> list[str]:
    """Cut a text into words and signs, as ORFEO does."""
    return re.findall(r"-\w+|\w+(?:-\w+)*['’]?|[^\w\s]", text)


def as_orfeo(talk: Sequence[Said]) -> str:
    lines = []
    for number, said in enumerate(talk, 1):
        tokens = words(said.text)
        lines += [f"# sent_id = s-{number}", f"# text = {said.text}"]
        step = (said.end_s - said.start_s) / len(tokens)
        for n, token in enumerate(tokens):
            end_s = said.end_s if n + 1 == len(tokens) else said.start_s + (n + 1) * step
            cells = [str(n + 1), token, *["_"] * 8, f"{said.start_s + n * step:.6f}", f"{end_s:.6f}", said.speaker]
            lines.append("\t".join(cells))
        lines.append("")
    return "\n".join(lines) + "\n"


WRITERS = {"seance.eaf": as_eaf, "seance.trs": as_trs, "seance.xml": as_tei, "seance.exb": as_exb, "seance.orfeo": as_orfeo}
