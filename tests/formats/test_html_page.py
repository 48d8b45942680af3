"""noScribe's HTML, beside its text and its vtt; other web pages, read only when they are plainly a transcript."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance_nlp.errors import AllianceError, TranscriptFormatError
from alliance_nlp.formats import read_bytes
from alliance_nlp.transcript import Transcript
from tests.formats.talk_samples import codes_of, sample_transcript, turns_of

TOP = (
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0//EN" "x.dtd">\n<html><head><meta charset="UTF-8"/><style>p { a: b }</style>'
    '<meta name="audio_source" content="C:/Patients/Luc.mp3"/></head><body><div><p>Luc</p>'
    "<p><span>Transcribed with noScribe vers. 0.7<br/>Audio file: C:/Patients/Luc.mp3<br/>"
    "(Language: French (fr) | Speaker detection: auto)</span></p>"
)
TALK = [
    [("0_2400_S00", "S00: <span>[00:00:00]</span> On reprend le carnet ?")],
    [
        ("2400_5000_S01", "S01: <span>[00:00:02]</span> Oui, je l&#39;ai rempli"),
        ("5000_5400_//S00", " //S00: Mhm."),
        ("5500_8000_S01", "// deux fois."),
        ("8100_9000_//S00", " //S00: Deux fois ?"),
        ("9000_9900_S01", "// Oui, mardi."),
    ],
    [("10000_12000_S00", "S00: <span>[00:00:10]</span> (..) D&apos;accord.")],
]
TURNS = [
    ("S00", "On reprend le carnet ?"),
    ("S01", "Oui, je l'ai rempli deux fois."),
    ("S00", "Mhm. Deux fois ?"),
    ("S01", "Oui, mardi."),
    ("S00", "(..) D'accord."),
]


def page(*, editor: bool = False) -> str:
    """Write the talk as noScribe does, or as its editor saves it (anchors empty, before the words)."""
    anchor = '<a name="ts_{}"></a><span>{}</span>' if editor else '<a name="ts_{}" >{}</a>'
    return TOP + "".join("<p >" + "".join(anchor.format(*piece) for piece in line) + "</p>\n" for line in TALK) + "</div></body></html>"


def html(text: str, name: str = "entretien.html") -> Transcript:
    (transcript,) = read_bytes(text.encode(), name)
    return transcript


@pytest.mark.parametrize("editor", [False, True])
def test_le_html_de_noscribe_donne_ses_tours_et_ses_temps(editor) -> None:
    session = html(page(editor=editor))
    assert turns_of(session) == TURNS
    assert [(t.start_s, t.end_s) for t in session.turns] == [(0.0, 2.4), (2.4, 8.0), (5.0, 9.0), (9.0, 9.9), (10.0, 12.0)]
    assert session.source.format == "html" and session.language == "fr"


def test_le_nom_corrige_dans_le_texte_l_emporte_sur_celui_de_l_ancre() -> None:
    session = html(page().replace(">S01: ", ">Patiente: ").replace(">S00: ", ">Psy: "))
    assert {turn.speaker for turn in session.turns} >= {"Psy", "Patiente"}


def test_ni_le_nom_du_fichier_audio_ni_l_en_tete_ne_sont_lus() -> None:
    assert "Luc" not in repr(html(page())) and codes_of(html(page()))[0] == "formats.lines_aside"


def test_une_page_qui_est_une_transcription_est_lue_et_c_est_dit() -> None:
    lines = "".join(f"<p><b>{who} :</b> {text}</p>" for who, text in [("T", "Ça va ?"), ("P", "Oui.<br>Assez."), ("T", "Bien."), ("P", "Voilà.")])
    session = html(f"<html><head><title>Séance</title></head><body><script>var a='T : rien';</script>{lines}</body></html>")
    assert turns_of(session) == [("T", "Ça va ?"), ("P", "Oui. Assez."), ("T", "Bien."), ("P", "Voilà.")]
    assert codes_of(session)[0] == "talk_files.html_as_text"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<html><body><p>Bienvenue sur notre site.</p><p>Il a dit : viens.</p><p>Tarifs</p></body></html>", "talk_files.html_not_transcript"),
        ("<!doctype html><html><body><script>1</script></body></html>", "talk_files.html_no_text"),
        ("<html>" + "<p>T : oui</p>", "talk_files.html_not_transcript"),
    ],
)
def test_une_autre_page_est_refusee_avec_sa_raison(text, code) -> None:
    with pytest.raises(TranscriptFormatError) as error:
        html(text)
    assert error.value.code == code and error.value.message("fr") and error.value.message("en")


def test_coupee_n_importe_ou_une_page_est_lue_ou_refusee() -> None:
    text = page()
    for end in range(0, len(text), 3):
        try:
            html(text[:end])
        except AllianceError as error:
            assert error.message("fr")


@given(st.text(alphabet="<>/a \"'=&;#!-[]p0123_tsS:", max_size=200), st.integers(0, 900))
def test_du_bruit_dans_une_page_ne_casse_rien(noise, place) -> None:
    text = page()
    try:
        html(text[:place] + noise + text[place:])
    except AllianceError as error:
        assert error.message("fr")


@pytest.mark.parametrize(
    "body", ["<div>" * 100_000, "<" * 200_000, "<!--" * 100_000, "&amp" * 200_000, "<a name=" * 50_000, "<![CDATA[" * 50_000, "</" * 150_000, "<!" * 150_000]
)
def test_une_page_demesuree_est_lue_ou_refusee_vite(body) -> None:
    began = time.process_time()
    try:
        html("<html><body>" + body)
    except AllianceError as error:
        assert error.message("fr")
    assert time.process_time() - began < 10


# ---------------------------------------------------------------------------------------- one interview, three files


def test_le_txt_et_le_html_de_noscribe_donnent_les_memes_tours() -> None:
    """The text file gives the start of each paragraph, in whole seconds; the page every stretch, in milliseconds."""
    text, web = (sample_transcript(f"noscribe/noscribe_de__interview.{suffix}") for suffix in ("txt", "html"))
    assert turns_of(text) == turns_of(web) and len(web.turns) == 96
    # The first turn takes in the note before it (« (12 seconds pause) »), which the page times and the text does not;
    # and a turn that begins inside a paragraph, after an overlap, has no time of its own in the text.
    for before, ours, theirs in zip(text.turns, text.turns[1:], web.turns[1:]):
        if ours.line != before.line and ours.start_s is not None:
            assert abs(ours.start_s - (theirs.start_s or 0)) < 1.0
    assert all(turn.start_s is not None and turn.end_s is not None for turn in web.turns[:-1])
    assert "files.bad_times" in codes_of(web)  # the file's last stretch ends before it begins


def test_le_vtt_de_noscribe_donne_les_memes_paroles_et_presque_les_memes_locuteurs() -> None:
    """noScribe gives a vtt paragraph the voice and the times of its last stretch, not of its first.

    Twice that last stretch is somebody talking over (« <v //S02> »), so that the vtt does not say who speaks the
    rest: these two turns have no speaker there.  Its start times are too late for the same reason, so they are not
    compared; its ends are right.
    """
    text, vtt = (sample_transcript(f"noscribe/noscribe_de__interview.{suffix}") for suffix in ("txt", "vtt"))
    web = sample_transcript("noscribe/noscribe_de__interview.html")
    assert [turn.text for turn in vtt.turns] == [turn.text for turn in text.turns]
    differing = [(a.speaker, b.speaker) for a, b in zip(text.turns, vtt.turns) if a.speaker != b.speaker]
    assert differing == [("S01", None), ("S01", None)]
    assert vtt.language == web.language == "en"  # what noScribe was told, for a talk in German
