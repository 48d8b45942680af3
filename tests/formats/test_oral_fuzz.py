"""Damaged, hostile and random files of oral corpora end in a clear error, quickly and in little memory."""

from __future__ import annotations

import resource
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance_nlp.errors import AllianceError, TranscriptFormatError
from alliance_nlp.exports.elan import dumps_elan
from alliance_nlp.formats import ReadOptions, read_bytes
from tests.formats.oral_files import TALK, WRITERS, eaf, read

FORMATS = {"seance.eaf": "elan", "seance.trs": "transcriber", "seance.xml": "tei", "seance.exb": "exmaralda", "seance.orfeo": "orfeo"}
FILES = {name: (text if isinstance(text := write(TALK), bytes) else text.encode()) for name, write in WRITERS.items()}
FILES["seance-nous.eaf"] = dumps_elan(read(FILES["seance.eaf"], "seance.eaf"))
HEADS = {
    "seance.eaf": "<ANNOTATION_DOCUMENT>{}</ANNOTATION_DOCUMENT>",
    "seance.trs": "<Trans>{}</Trans>",
    "seance.xml": "<TEI>{}</TEI>",
    "seance.exb": "<basic-transcription>{}</basic-transcription>",
}
SECONDS, MEGABYTES = 10, 500


def ends_well(data: bytes, name: str, options: ReadOptions = ReadOptions()) -> None:
    """Read ``data``: turns, or an error with a sentence in both languages; nothing else."""
    begun = time.process_time()  # of this process: other work on the machine does not count
    try:
        for session in read_bytes(data, name, options=options):
            assert session.turns
            for notice in session.warnings:
                notice.message("fr")
    except AllianceError as error:
        assert error.message("fr") and error.message("en")
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize("name", FILES)
def test_un_fichier_tronqué_n_importe_où_finit_bien(name: str) -> None:
    data = FILES[name]
    for end in range(0, len(data), max(1, len(data) // 150)):
        ends_well(data[:end], name)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FILES)), st.data())
def test_des_octets_changés_finissent_bien(name: str, data: st.DataObject) -> None:
    content = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    ends_well(bytes(content), name)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=300))
def test_des_octets_au_hasard_après_la_bonne_tête_finissent_bien(name: str, tail: bytes) -> None:
    ends_well(FILES[name][:120] + tail, name)
    ends_well(tail, name, ReadOptions(format=FORMATS[name]))


NAMES = {
    "seance.eaf": "TIER ANNOTATION ALIGNABLE_ANNOTATION REF_ANNOTATION ANNOTATION_VALUE TIME_ORDER TIME_SLOT LINGUISTIC_TYPE CV_ENTRY_ML HEADER PROPERTY",
    "seance.trs": "Speakers Speaker Episode Section Turn Sync Who Event Comment Background Topic",
    "seance.xml": "text body u seg annotationBlock anchor timeline when w pc pause vocal desc spanGrp span person alt choice sic teiHeader",
    "seance.exb": "head speakertable speaker abbreviation basic-body common-timeline tli tier event languages-used language sex",
}
KEYS = (
    "TIER_ID PARENT_REF LINGUISTIC_TYPE_REF LINGUISTIC_TYPE_ID CONSTRAINTS PARTICIPANT ANNOTATION_ID ANNOTATION_REF PREVIOUS_ANNOTATION TIME_SLOT_REF1 "
    "TIME_SLOT_REF2 TIME_SLOT_ID TIME_VALUE TIME_UNITS CVE_REF NAME id name speaker startTime endTime time nb desc type extent who start end from to synch "
    "since interval absolute unit dur role category tierref lang value"
).split()
VALUES = st.sampled_from(["", "a", "b", "T0", "#T0", "#T1", "0", "1", "-1", "NaN", "Infinity", "1e999", "9" * 5000, "t", "d", "noise", "a b", "١", "alliance-data",
                          "alliance-nlp/session", "{}", "[]", "null", "Symbolic_Subdivision", "goal@a", "rupture", "2000-01-01T00:00:00"])  # fmt: skip


@st.composite
def trees(draw: st.DrawFn, name: str, depth: int = 0) -> str:
    """XML with the right names in the wrong places."""
    tag = draw(st.sampled_from(NAMES[name].split()))
    attributes = "".join(f' {key}="{draw(VALUES)}"' for key in draw(st.lists(st.sampled_from(KEYS), max_size=4, unique=True)))
    inner = "".join(draw(st.lists(trees(name, depth + 1), max_size=3))) if depth < 4 else ""
    return f"<{tag}{attributes}>{draw(st.sampled_from(['', 'oui', ' 0.5 ', '{}', '[]']))}{inner}</{tag}>"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_des_éléments_mal_emboîtés_finissent_bien(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(NAMES)))
    ends_well(HEADS[name].format("".join(data.draw(st.lists(trees(name), max_size=5)))).encode(), name)


@pytest.mark.parametrize("name", HEADS)
def test_dix_mille_niveaux_et_les_bombes_d_entités_sont_refusés(name: str) -> None:
    deep = HEADS[name].format("<a>" * 10_000 + "</a>" * 10_000).encode()
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + HEADS[name].format("&b;").encode()
    for data, code in ((deep, "formats.xml_damaged"), (bomb, "formats.xml_entities")):
        with pytest.raises(TranscriptFormatError) as error:
            read(data, name)
        assert error.value.code == code


@pytest.mark.parametrize("name", HEADS)
def test_une_entité_du_dehors_n_est_jamais_lue(name: str, tmp_path) -> None:
    (tmp_path / "secret").write_text("SECRET", encoding="utf-8")
    body = FILES[name].partition(b"?>")[2].replace(b'<!DOCTYPE Trans SYSTEM "trans-14.dtd">', b"").decode("latin-1").encode("ascii", "xmlcharrefreplace")
    data = f'<!DOCTYPE x SYSTEM "{tmp_path}/secret">'.encode() + body
    ends_well(data, name)
    assert "SECRET" not in repr(read(data, name))


def long_file(name: str, count: int) -> bytes:
    """Return a file with ``count`` annotations that all hang together in the costliest way."""
    if name == "seance.eaf":
        chain = "".join(
            f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a{n}" ANNOTATION_REF="a{n + 1}" PREVIOUS_ANNOTATION="a{n + 1}"><ANNOTATION_VALUE>x</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>'
            for n in range(count)
        )
        return f'<ANNOTATION_DOCUMENT><TIER TIER_ID="P" LINGUISTIC_TYPE_REF="x">{chain}</TIER></ANNOTATION_DOCUMENT>'.encode()
    if name == "seance.trs":
        body = '<Sync time="1"/>x<Who nb="2"/>y' * count
        return f"<Trans><Turn speaker='a b' startTime='0' endTime='9'>{body}</Turn></Trans>".encode()
    if name == "seance.xml":
        body = '<seg>x<anchor synch="#T"/></seg>' * count
        return f"<TEI><text><body><u who='A'>{body}</u>{'<u>y</u>' * count}</body></text></TEI>".encode()
    events = "".join(f"<event start='T{n}' end='T{n + 1}'>x</event>" for n in range(count))
    points = "".join(f"<tli id='T{n}'/>" for n in range(count + 1))
    return f"<basic-transcription><common-timeline>{points}</common-timeline><tier type='t' speaker='S'>{events}</tier></basic-transcription>".encode()


@pytest.mark.parametrize("name", HEADS)
def test_un_très_long_fichier_reste_dans_les_bornes(name: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ends_well(long_file(name, 20_000), name)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MEGABYTES


def test_beaucoup_de_pistes_et_d_étiquettes_restent_dans_les_bornes() -> None:
    many = [(f'TIER_ID="t{n}"', "x", [(f"a{n}", n, n + 1, f"{n}")]) for n in range(3000)]
    ends_well(eaf(many).encode(), "seance.eaf")
    talk = ('TIER_ID="P"', "x", [(f"p{n}", n * 10, n * 10 + 9, "oui") for n in range(5000)])
    label = ('TIER_ID="goal"', "x", [(f"m{n}", 0, 50_000, "oui") for n in range(5000)])
    ends_well(eaf([talk, label]).encode(), "seance.eaf")
