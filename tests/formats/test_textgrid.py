"""Praat TextGrids: long and short form, encodings, tiers that are talk and tiers that are not, damage."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance_nlp.errors import AllianceError, TranscriptFormatError
from alliance_nlp.formats import read_bytes, read_transcript
from alliance_nlp.formats.textgrid import together
from alliance_nlp.formats.textgrid_file import parse_textgrid
from alliance_nlp.formats.textgrid_tiers import Tier, owner
from alliance_nlp.transcript import Transcript
from tests.formats.talk_samples import codes_of, sample, sample_transcript, samples_folder, turns_of

Spoken = list[tuple[float, float, str]]
TALK: dict[str, Spoken] = {
    "T": [(0, 2, "On reprend le carnet ?"), (2, 5.5, ""), (5.5, 8, 'Vous disiez "le soir".')],
    "P": [(0, 2, ""), (2, 5.5, "Oui, je l'ai rempli deux fois."), (5.5, 8, "")],
}
TURNS = [("T", "On reprend le carnet ?"), ("P", "Oui, je l'ai rempli deux fois."), ("T", 'Vous disiez "le soir".')]


def quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def long_form(tiers: dict[str, Spoken], xmax: float = 8, kind: str = "IntervalTier") -> str:
    out = f'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0 \nxmax = {xmax} \ntiers? <exists> \nsize = {len(tiers)} \nitem []: \n'
    for place, (name, intervals) in enumerate(tiers.items(), start=1):
        out += f'    item [{place}]:\n        class = "{kind}" \n        name = {quoted(name)} \n        xmin = 0 \n        xmax = {xmax} \n'
        out += f"        intervals: size = {len(intervals)} \n"
        for number, (start, end, text) in enumerate(intervals, start=1):
            out += f"        intervals [{number}]:\n            xmin = {start} \n            xmax = {end} \n            text = {quoted(text)} \n"
    return out


def short_form(tiers: dict[str, Spoken], xmax: float = 8) -> str:
    out = f'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n{xmax}\n<exists>\n{len(tiers)}\n'
    for name, intervals in tiers.items():
        out += f'"IntervalTier"\n{quoted(name)}\n0\n{xmax}\n{len(intervals)}\n'
        out += "".join(f"{start}\n{end}\n{quoted(text)}\n" for start, end, text in intervals)
    return out


def grid(text: str, name: str = "seance.TextGrid") -> Transcript:
    (transcript,) = read_bytes(text.encode(), name)
    return transcript


# ---------------------------------------------------------------------------------------- the file


@pytest.mark.parametrize("write", [long_form, short_form])
def test_la_forme_longue_et_la_courte_donnent_les_memes_tours(write) -> None:
    session = grid(write(TALK))
    assert turns_of(session) == TURNS
    assert [(t.start_s, t.end_s) for t in session.turns] == [(0.0, 2.0), (2.0, 5.5), (5.5, 8.0)]
    assert session.source.format == "textgrid" and codes_of(session) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "mac-roman"])
def test_tous_les_encodages_de_praat_donnent_les_memes_tours(encoding) -> None:
    text = long_form({"Thérapeute": [(0, 1, "Ça a été, l'été ?")], "P": [(1, 2, "À peu près.")]}, 2)
    (session,) = read_bytes(text.encode(encoding), "a.TextGrid")
    assert turns_of(session) == [("Thérapeute", "Ça a été, l'été ?"), ("P", "À peu près.")]


def test_la_ligne_est_celle_du_texte_et_les_fins_de_ligne_ne_changent_rien() -> None:
    text = short_form(TALK)
    expected = [number for number, line in enumerate(text.split("\n"), start=1) if line in ('"On reprend le carnet ?"',)]
    assert [grid(text.replace("\n", end)).turns[0].line for end in ("\n", "\r\n", "\r")] == expected * 3


def test_les_accents_des_anciens_fichiers_sont_lus() -> None:
    session = grid(short_form({"T": [(0, 1, r"D\e'j\a` l\a`, Fran\c,ois ?")], "P": [(1, 2, r"\<<Non\>>, ma s\oeur.")]}, 2))
    assert [turn.text for turn in session.turns] == ["Déjà là, François ?", "«Non», ma sœur."]


def test_les_balises_de_corpus_deviennent_du_texte_et_des_notes() -> None:
    session = grid(short_form({"T": [(0, 1, "<UNSURE>Oui</UNSURE>, <UNIN/> <BREATH/>")], "P": [(1, 2, "<rire> bon")]}, 2))
    assert [turn.text for turn in session.turns] == ["Oui, [inaudible] [breath]", "<rire> bon"]


# ---------------------------------------------------------------------------------------- tiers


def aligned(words: str, step: float = 0.3) -> Spoken:
    return [(round(n * step, 3), round((n + 1) * step, 3), word) for n, word in enumerate(words.split())]


WORDS = "on reprend le carnet si vous voulez bien et on regarde la semaine _ oui d'accord"


def test_les_niveaux_de_mots_et_de_sons_sont_mis_de_cote() -> None:
    tiers = {"P": [(0.0, 3.9, "on reprend le carnet")], "mots": aligned(WORDS), "P - phones": aligned("o~ r p r a~ d l @ k a R n E"),
             "X": aligned(WORDS), "remarques": [(0.0, 1.0, "bruit de porte")]}  # fmt: skip
    session = grid(short_form(tiers, 10))
    assert turns_of(session) == [("P", "on reprend le carnet")]
    assert set(session.metadata["textgrid"]["tiers"]) == {"mots", "P - phones", "X", "remarques"}
    (notice,) = [n for n in session.warnings if n.code == "talk_files.textgrid_aside"]
    assert notice.params["count"] == 4


def test_qui_ne_dit_que_oui_parle_quand_meme() -> None:
    yes: Spoken = [(float(n * 10 + 4), float(n * 10 + 5), "oui") for n in range(30)]
    long: Spoken = [(float(n * 10), float(n * 10 + 3), "alors je vous explique") for n in range(30)]
    assert {speaker for speaker, _ in turns_of(grid(short_form({"T": long, "P": yes}, 300)))} == {"T", "P"}


def test_sans_niveau_de_parole_les_mots_alignes_font_les_enonces() -> None:
    first = aligned("on reprend le carnet si vous voulez bien d' accord maintenant")
    late = [(start + 10, end + 10, word) for start, end, word in aligned("et cette semaine c' était comment pour vous alors dites")]
    session = grid(short_form({"T - words": first + late, "T - phones": aligned("o~ r p r a~ d")}, 20))
    assert turns_of(session) == [("T", "on reprend le carnet si vous voulez bien d'accord maintenant et cette semaine c'était comment pour vous alors dites")]
    assert "talk_files.textgrid_from_words" in codes_of(session)


def test_un_niveau_qui_dit_qui_parle_nomme_les_locuteurs() -> None:
    tiers = {
        "ortho": [(0.0, 2.0, "On reprend ?"), (2.0, 3.0, "_"), (3.0, 5.0, "Oui, d'accord."), (5.0, 6.0, "Bien.")],
        "spk": [(0.0, 2.0, "L1"), (2.0, 3.0, "_"), (3.0, 5.0, "L2"), (5.0, 6.0, "L1")],
    }
    assert turns_of(grid(short_form(tiers, 6))) == [("L1", "On reprend ?"), ("L2", "Oui, d'accord."), ("L1", "Bien.")]


def test_les_points_sont_mis_de_cote() -> None:
    points = 'File type = "ooTextFile"\nObject class = "TextGrid"\n0 4 <exists> 2\n"IntervalTier" "T" 0 4 1 0 4 "Bonjour."\n"TextTier" "clics" 0 4 1 1.5 "clic"\n'
    session = grid(points)
    assert turns_of(session) == [("T", "Bonjour.")]
    assert session.metadata["textgrid"]["tiers"] == {"clics": [{"start_s": 1.5, "end_s": 1.5, "text": "clic"}]}


@pytest.mark.parametrize(
    ("name", "who"), [("P - words", "P"), ("words", "words"), ("Mme D.", "Mme D."), ("mots [Mme D.]", "Mme D."), ("PAT/mots", "PAT")]
)
def test_a_qui_est_un_niveau_de_mots(name, who) -> None:
    assert owner(Tier(name, ())) == who


# ---------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ooBinaryFile\x08TextGrid\x00\x00\x00", "talk_files.praat_binary"),
        ('File type = "ooTextFile"\nObject class = "PitchTier"\n\nxmin = 0\n', "talk_files.praat_other"),
        ('"Praat chronological TextGrid text file"\n0 3 ! Time domain.\n', "talk_files.praat_other"),
        (short_form({"CHI": [(0, 1, "1")], "MOT": [(1, 2, "1")]}), "talk_files.textgrid_no_talk"),
        (short_form({"T": [(0, 8, "")]}), "talk_files.textgrid_no_talk"),
        (short_form({"phones": aligned("b o~ Z u R")}), "talk_files.textgrid_no_talk"),
        ('File type = "ooTextFile"\nObject class = "TextGrid"\n0 1 <absent>', "talk_files.textgrid_no_talk"),
        (short_form(TALK)[:-12], "talk_files.textgrid_damaged"),
        (short_form(TALK).replace("\n2\n", "\n99999999999999999999\n"), "talk_files.textgrid_damaged"),
        (short_form(TALK).replace("\n2\n", "\n1e400\n"), "talk_files.textgrid_damaged"),
    ],
)
def test_ce_qui_ne_peut_pas_etre_lu_est_refuse_avec_sa_raison(text, code) -> None:
    with pytest.raises(TranscriptFormatError) as error:
        grid(text)
    assert error.value.code == code and error.value.message("fr") and error.value.message("en")


@pytest.mark.parametrize("time_", ["nan", "-1", "1e300", "Infinity", "--undefined--"])
def test_un_temps_impossible_est_laisse_vide_et_c_est_dit(time_) -> None:
    text = f'File type = "ooTextFile"\nObject class = "TextGrid"\n0 4 <exists> 1 "IntervalTier" "T" 0 4 1 {time_} 4 "Bonjour."'
    session = grid(text)
    assert session.turns[0].start_s is None and "files.bad_times" in codes_of(session)


def test_coupe_n_importe_ou_un_textgrid_est_lu_ou_refuse() -> None:
    for text in (long_form(TALK), short_form(TALK)):
        for end in range(len(text)):
            try:
                grid(text[:end])
            except AllianceError as error:
                assert error.message("fr")


@given(st.binary(max_size=300), st.integers(0, 200))
def test_des_octets_au_hasard_dans_un_textgrid_sont_lus_ou_refuses(noise, place) -> None:
    data = short_form(TALK).encode()
    try:
        read_bytes(data[:place] + noise + data[place:], "a.TextGrid")
    except AllianceError as error:
        assert error.message("fr")


@pytest.mark.parametrize("tail", ['"' * 300_001, "1 " * 300_000, '"a" ' * 200_000, "! " * 300_000, "<exists>" * 50_000, "\\e'" * 100_000])
def test_un_textgrid_demesure_est_lu_ou_refuse_vite(tail) -> None:
    began = time.process_time()
    try:
        grid(short_form(TALK) + '"IntervalTier" "X" 0 8 9999999 ' + tail)
        grid(short_form(TALK).replace("\n2\n", "\n9999999\n") + tail)
    except AllianceError as error:
        assert error.message("fr")
    assert time.process_time() - began < 10


@given(st.lists(st.text(alphabet="ab \"é\n!<>0", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=6))
def test_un_textgrid_ecrit_se_relit_tel_quel(texts) -> None:
    intervals = [(float(n), float(n + 1), text) for n, text in enumerate(texts)]
    parsed = parse_textgrid(short_form({"P": intervals}, len(texts)), "a")
    assert [i.text for i in parsed.tiers[0].intervals] == [" ".join(text.split()) for text in texts]


# ---------------------------------------------------------------------------------------- two files together


def one(name: str, xmax: float = 8) -> bytes:
    return short_form({name: TALK[name]}, xmax).encode()


def test_deux_fichiers_d_une_conversation_font_le_textgrid_des_deux() -> None:
    data = together([("s_psy.TextGrid", one("T")), ("s_patient.TextGrid", one("P"))])
    assert data is not None
    (session,) = read_bytes(data, "s.TextGrid")
    assert turns_of(session) == TURNS
    assert session.warnings[0].params["files"] == "s_psy.TextGrid + s_patient.TextGrid"


@pytest.mark.parametrize(
    "other",
    [
        one("P", 9),  # another length
        one("T"),  # the same speaker
        short_form(TALK).encode(),  # two speakers already
        short_form({"P": [(0.0, 8.0, "Je parle tout le temps.")]}).encode(),  # all at once
        one("P")[:-5],  # damaged
        b"T : Bonjour.",
    ],
)
def test_ce_qui_n_est_pas_surement_une_conversation_reste_separe(other) -> None:
    assert together([("s_psy.TextGrid", one("T")), ("s_patient.TextGrid", other)]) is None


# ---------------------------------------------------------------------------------------- files made by others


def test_chaque_textgrid_d_autrui_est_lu_ou_refuse_avec_sa_vraie_raison() -> None:
    sample("textgrid/teicorpo_fr__FOR_DIA.TextGrid")
    refused = {}
    for path in sorted((samples_folder() / "textgrid").glob("*.TextGrid")):
        try:
            assert read_transcript(path).turns
        except TranscriptFormatError as error:
            refused[path.name] = error.code
    # Its tiers hold « 1 » where somebody speaks: who and when, but no word.
    assert refused == {"childproject__textgrid.TextGrid": "talk_files.textgrid_no_talk"}


def test_les_trois_encodages_d_une_conversation_donnent_les_memes_tours() -> None:
    utf_8, utf_16, latin_1 = (
        sample_transcript(f"textgrid/nzilbb_en__test_utterance_{name}.TextGrid").turns for name in ("utf-8", "utf-16", "latin1")
    )
    assert utf_8 == utf_16 == latin_1 and len(utf_8) == 21


def test_le_niveau_spk_d_autrui_nomme_les_locuteurs() -> None:
    session = sample_transcript("textgrid/teicorpo_fr__FOR_DIA.TextGrid")
    assert {turn.speaker for turn in session.turns} == {"L1", "L2", "L3"}
    assert set(session.metadata["textgrid"]["tiers"]) == {"phones", "syll", "words", "spk"}
