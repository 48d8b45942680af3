"""Transcriber, TEI, EXMARaLDA and ORFEO: notes, speakers, times, what is kept aside."""

from __future__ import annotations

import pytest

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.names import fold
from alliance_nlp.formats.oral import filled, pause_note, plain
from alliance_nlp.formats.registry import choose
from alliance_nlp.formats.words import join_words
from alliance_nlp.transcript import Role, Transcript
from tests.formats.oral_files import TALK, WRITERS, read, turns
from tests.formats.talk_samples import sample


def said(session: Transcript) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in session.turns]


def codes(session: Transcript) -> list[str]:
    return [notice.code for notice in session.warnings if notice.code.startswith(("oral.", "formats."))]


# ---------------------------------------------------------------------------------------- what is shared


@pytest.mark.parametrize("name", WRITERS)
def test_le_contenu_dit_le_format_quelle_que_soit_l_extension(name: str) -> None:
    text = WRITERS[name](TALK)
    data = text if isinstance(text, bytes) else text.encode()
    right, wrong = choose(data, name), choose(data, "seance.txt")
    assert right.format.id == wrong.format.id and right.notices == ()
    assert [notice.code for notice in wrong.notices] == ["formats.content_differs"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("oui , d'accord .", "oui, d'accord."), ("plus vite qu' à pied", "plus vite qu'à pied"), ("il a .. dit", "il a .. dit"),
     ("vous\u00a0? ", "vous\u00a0?"), ("e\u0301te\u0301", "été"), (None, "")],
)  # fmt: skip
def test_le_texte_est_tapé_comme_on_le_tape(typed: str | None, expected: str) -> None:
    assert plain(typed) == expected


def test_les_mots_sont_joints_à_la_française() -> None:
    tokens = ["«", "Qu'", "est", "-ce", "que", "j'", "ai", "dit", ",", "aujourd'hui", "(", "ici", ")", "?", "»", "Rien", "…"]
    assert join_words(tokens) == "«\u00a0Qu'est-ce que j'ai dit, aujourd'hui (ici)\u00a0?\u00a0» Rien…"


def test_ce_qui_n_a_pas_de_temps_prend_place_entre_ses_voisins() -> None:
    assert filled([None, 2.0, None, 4.0, None]) == [2.0, 2.0, 3.0, 4.0, 4.0]
    assert filled([None, None]) == [0.0, 1.0]


def test_une_longue_pause_est_un_silence() -> None:
    assert [pause_note(length) for length in (None, 0.4, 8.2)] == ["…", "…", "[silence 8 s]"]


# ---------------------------------------------------------------------------------------- Transcriber


def trs(body: str, speakers: str = "<Speaker id='s1' name='T'/><Speaker id='s2' name='P'/>") -> Transcript:
    text = f"<?xml version='1.0' encoding='UTF-8'?><!DOCTYPE Trans SYSTEM 'trans-14.dtd'><Trans xml:lang='fr'><Speakers>{speakers}</Speakers><Episode><Section>{body}</Section></Episode></Trans>"
    return read(text, "a.trs")


def test_les_événements_qu_on_taperait_deviennent_des_notes() -> None:
    session = trs(
        "<Turn speaker='s1' startTime='0' endTime='4'><Sync time='0'/>\nje<Event desc='rire' type='noise' extent='instantaneous'/> sais"
        "<Event desc='sE' type='pronounce' extent='previous'/> <Event desc='i'/><Event desc='tx'/>\npas<Event desc='pi' type='pronounce'/>"
        "<Event desc='en' type='language' extent='begin'/><Event desc='rire' extent='end'/><Comment desc='il fume'/></Turn>"
    )
    assert said(session) == [("T", "je [rire] sais [toux] pas [inaudible]")]
    assert session.turns[0].extra == {"transcriber": {"pronounce": ["sE"], "noise": ["i", "rire"], "language": ["en"], "comment": ["il fume"]}}
    assert [n.params for n in session.warnings if n.code == "oral.aside"] == [{"kinds": {"annotations": 2, "events": 2, "comments": 1}}]


def test_deux_personnes_dans_un_tour_et_un_tour_sans_personne() -> None:
    session = trs(
        "<Turn speaker='s1 s2' startTime='0' endTime='3'><Sync time='0'/><Who nb='1'/>oui<Who nb='2'/>non<Sync time='2'/><Who nb='2'/>si<Who nb='9'/>ah</Turn>"
        "<Turn startTime='3' endTime='5'><Sync time='3'/><Background time='3' type='music' level='high'/>on entre</Turn>"
    )
    assert turns(session) == [("T", "oui", 0.0, 2.0), ("P", "non si", 0.0, 3.0), ("T", "ah", 2.0, 3.0), (None, "on entre", 3.0, 5.0)]


def test_des_temps_impossibles_restent_vides_et_l_ordre_est_gardé() -> None:
    session = trs("<Turn speaker='s1' startTime='NaN' endTime='2'><Sync time='NaN'/>un</Turn><Turn speaker='s2' startTime='-4' endTime='inf'><Sync time='1e400'/>deux</Turn>")
    assert turns(session) == [("T", "un", None, 2.0), ("P", "deux", None, None)]
    assert [n.params for n in session.warnings if n.code == "oral.bad_times"] == [{"count": 5}]


def test_latin_1_et_utf_8_disent_la_même_chose() -> None:
    """The UTF-8 file has one accent more, put there to show that it is UTF-8: accents are not compared."""
    one, other = (read(sample(f"trs/nzilbb_en__{name}.trs").read_bytes(), "a.trs") for name in ("test", "test-utf-8"))
    assert [(who, fold(text), *times) for who, text, *times in turns(one)] == [(who, fold(text), *times) for who, text, *times in turns(other)]


# ---------------------------------------------------------------------------------------- TEI


def tei(body: str, head: str = "", timeline: str = "") -> Transcript:
    return read(f'<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader>{head}</teiHeader><text>{timeline}<body>{body}</body></text></TEI>', "a.xml")


def test_des_u_sans_bloc_et_des_mots_un_par_un() -> None:
    session = tei('<u who="#T"><w>Qu\'</w><w>est</w><w>-ce</w> <w>que</w> <w>c\'</w><w>est</w><pc>?</pc></u>\n<u who="#P">Rien.</u>')
    assert said(session) == [("T", "Qu'est-ce que c'est\u00a0?"), ("P", "Rien.")]


def test_pauses_sons_et_gestes_deviennent_des_notes() -> None:
    session = tei(
        '<u who="#P">Je <pause type="short"/> dors <pause dur="PT4S"/> mal <vocal><desc>rire</desc></vocal> <kinesic><desc>hoche la tête</desc></kinesic>'
        '<incident type="pronounce"><desc>dOR</desc></incident> <del>non</del> <choice><sic>set</sic><corr>sept</corr></choice> nuits</u>'
        "<incident><desc>porte</desc></incident>"
    )
    assert said(session) == [("P", "Je … dors [silence 4 s] mal [rire] [hoche la tête] non sept nuits [porte]")]


def test_la_ligne_de_temps_compte_de_proche_en_proche_dans_ses_unités() -> None:
    line = (
        '<timeline unit="ms" origin="#T0"><when xml:id="T0" absolute="0"/><when xml:id="T1" interval="1500" since="#T0"/>'
        '<when xml:id="T2" interval="2" since="#T1" unit="s"/><when xml:id="T3" interval="500"/><when xml:id="T8" interval="1" since="#T9"/>'
        '<when xml:id="T9" interval="1" since="#T8"/></timeline>'
    )
    session = tei('<u who="A" start="#T3" end="#T1">un</u><u who="B" start="#T1" end="#T2">deux</u><u who="A" start="#T2" end="#T8">trois</u>', timeline=line)
    assert turns(session) == [("A", "un", 0.5, 1.5), ("B", "deux", 1.5, 3.5), ("A", "trois", 3.5, None)]
    assert [n.params for n in session.warnings if n.code == "oral.bad_times"] == [{"count": 2}]


def test_une_longue_chaîne_de_points_ne_coûte_rien() -> None:
    points = "".join(f'<when xml:id="T{n}" interval="0.5" since="#T{n - 1}"/>' for n in range(20_000, 0, -1))
    session = tei('<u who="A" start="#T20000">un</u>', timeline=f'<timeline unit="s"><when xml:id="T0" absolute="0"/>{points}</timeline>')
    assert session.turns[0].start_s == 10_000.0


def test_les_ancres_coupent_l_énoncé() -> None:
    line = '<timeline unit="s">' + "".join(f'<when xml:id="T{n}" interval="{n}" since="#T0"/>' for n in range(1, 9)) + '<when xml:id="T0"/></timeline>'
    block = '<annotationBlock who="{}" start="#T{}" end="#T{}"><u>{}</u></annotationBlock>'
    session = tei(
        block.format("A", 1, 8, '<seg>un</seg><anchor synch="#T5"/><seg>trois</seg>') + block.format("B", 2, 8, '<anchor synch="#T3"/>deux'),
        timeline=line,
    )
    assert turns(session) == [("A", "un", 1.0, 5.0), ("B", "deux", 3.0, 8.0), ("A", "trois", 5.0, 8.0)]


def test_les_personnes_donnent_noms_et_rôles() -> None:
    head = (
        "<profileDesc><particDesc><listPerson><person role='therapist' sex='F'><persName>Dr L.</persName><altGrp><alt type='L1'/></altGrp></person>"
        "<person xml:id='L2' role='Mother'><age value='41'/></person></listPerson></particDesc></profileDesc>"
    )
    session = tei("<annotationBlock who='#L1'><u>Bonjour.</u><spanGrp type='mor'><span>n|bonjour</span></spanGrp></annotationBlock><u who='#L2'>Bonjour.</u>", head)
    assert [(s.id, s.role) for s in session.speakers] == [("Dr L.", Role.THERAPIST), ("L2", Role.PARENT)]
    assert session.turns[0].extra == {"tei": {"mor": ["n|bonjour"]}}
    assert session.metadata["tei"]["persons"][1] == {"code": "L2", "role": "Mother", "age": "41"}


@pytest.mark.parametrize("body", ["<p>Il était une fois.</p>", "<sp><speaker>HAMLET</speaker><l>Être</l></sp>"])
def test_un_tei_qui_n_est_pas_de_la_parole_est_refusé(body: str) -> None:
    with pytest.raises(TranscriptFormatError) as error:
        tei(body)
    assert error.value.code == "oral.tei_no_speech"


def test_un_corpus_tei_donne_une_séance_par_texte() -> None:
    from alliance_nlp.formats import read_bytes

    one = "<TEI><text><body><u who='A'>{}</u></body></text></TEI>"
    found = read_bytes(f"<teiCorpus><teiHeader/>{one.format('un')}{one.format('deux')}</teiCorpus>".encode(), "c.xml")
    assert [(item.session_id, item.turns[0].text) for item in found] == [("c", "un"), ("c-2", "deux")]


# ---------------------------------------------------------------------------------------- EXMARaLDA

EXB = (
    "<basic-transcription><head><speakertable><speaker id='S0'><abbreviation>T</abbreviation><sex value='f'/></speaker><speaker id='S1'/></speakertable></head>"
    "<basic-body><common-timeline><tli id='T0' time='0'/><tli id='T1'/><tli id='T2' time='4'/><tli id='T3' time='6'/></common-timeline>{}</basic-body></basic-transcription>"
)


def event(start: int, end: int, text: str) -> str:
    return f"<event start='T{start}' end='T{end}'>{text}</event>"


def test_des_événements_qui_se_suivent_sont_une_seule_parole_même_au_milieu_d_un_mot() -> None:
    tiers = (
        "<tier id='a' speaker='S0' type='t' category='v'>" + event(0, 1, "Vous dor") + event(1, 2, "mez ((rire)) mieux ((2,4s)) ? ") + "</tier>"
        "<tier id='b' speaker='S1' type='t' category='v'>" + event(1, 3, "Un peu. ") + "</tier>"
        "<tier id='c' type='d' category='nn'>" + event(3, 3, "((porte))") + "</tier>"
        "<tier id='d' speaker='S1' type='a' category='fr'>" + event(1, 3, "a bit") + "</tier>"
    )
    session = read(EXB.format(tiers), "a.exb")
    assert turns(session) == [("T", "Vous dormez [rire] mieux [silence 2 s] ?", 0.0, 4.0), ("S1", "Un peu. [porte]", 6.0, 6.0)]
    assert session.turns[1].extra == {"exmaralda": {"fr": ["a bit"]}}


def test_un_modèle_vide_et_une_transcription_segmentée_sont_refusés() -> None:
    for text, code in ((EXB.format("<tier id='a' type='t'/>"), "oral.exmaralda_no_talk"), ("<segmented-transcription/>", "oral.exmaralda_segmented")):
        with pytest.raises(TranscriptFormatError) as error:
            read(text, "a.exb")
        assert error.value.code == code


# ---------------------------------------------------------------------------------------- ORFEO


def test_conll_u_avec_locuteur_en_commentaire_et_temps_en_millisecondes() -> None:
    text = (
        "# speaker_id = L1\n# text = du pain\n1-2\tdu\t_\t_\t_\t_\t_\t_\t_\tAlignBegin=100|AlignEnd=300\n1\tde\tde\t_\t_\t_\t_\t_\t_\t_\n"
        "2\tle\tle\t_\t_\t_\t_\t_\t_\t_\n3\tpain\tpain\t_\t_\t_\t_\t_\t_\tAlignBegin=300|AlignEnd=900\n\n"
    )
    assert turns(read(text, "a.conllu")) == [("L1", "du pain", 0.1, 0.9)]


def test_une_phrase_dite_à_deux_est_coupée_au_changement() -> None:
    row = "{}\t{}" + "\t_" * 8 + "\t{}\t{}\t{}\n"
    text = "# text = et alors rien\n" + row.format(1, "et", 0, 1, "T") + row.format(2, "alors", 1, 2, "T") + row.format(3, "rien", 2, "x", "P")
    session = read(text, "a.orfeo")
    assert turns(session) == [("T", "et alors", 0.0, 2.0), ("P", "rien", 2.0, None)]
    assert "oral.bad_times" in codes(session)


# ---------------------------------------------------------------------------------------- files made by others

COUNTS = {
    "trs/debian_transcriber__frint980428.trs": (5, 2),
    "trs/nzilbb_en__expected_simultaneous_speech.trs": (3, 2),
    "trs/nzilbb_en__mop03-2b.trs": (21, 2),
    "trs/teicorpo_fr__Conversation_MAT_08.trs": (176, 2),
    "trs/teicorpo_fr__badfile.trs": (1, 0),
    "trs/teicorpo_fr__trs_example.trs": (128, 2),
    "exmaralda/exmaralda_demo__AnneWill.exb": (31, 4),
    "orfeo/teicorpo_fr__Cha_hey_07.orfeo": (102, 2),
    "orfeo/teicorpo_fr__60secondes.orfeo": (5, 2),
}


@pytest.mark.parametrize("path", COUNTS)
def test_chaque_exemple_est_lu(path: str) -> None:
    session = read(sample(path).read_bytes(), path.rpartition("/")[2])
    assert (len(session.turns), len(session.speakers)) == COUNTS[path]
    assert all(turn.start_s is not None for turn in session.turns)


def test_le_modèle_exmaralda_est_refusé() -> None:
    with pytest.raises(TranscriptFormatError) as error:
        read(sample("exmaralda/exmaralda__dulko-template.exb").read_bytes(), "t.exb")
    assert error.value.code == "oral.exmaralda_no_talk"
