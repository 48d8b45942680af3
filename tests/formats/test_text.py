"""Plain text as people type it: who speaks, what is speech, and what is only around it."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.errors import AllianceError, ConfigError, TranscriptFormatError
from alliance_nlp.formats import ReadOptions, read_bytes, read_sessions, read_transcript
from alliance_nlp.formats.text import MAX_LINES, draft_from_lines
from alliance_nlp.transcript import Role
from tests.formats.made import rtf_lines

SAMPLES = Path(__file__).resolve().parents[3] / "shared/samples/formats"


def read(*lines, name="seance.txt", **options):
    (transcript,) = read_bytes("\n".join(lines).encode(), name, options=ReadOptions(**options))
    return transcript


def turns(*lines, name="seance.txt"):
    return [(turn.speaker, turn.text) for turn in read(*lines, name=name).turns]


def times(*lines):
    return [(turn.speaker, turn.start_s, turn.end_s) for turn in read(*lines).turns]


def codes(*lines, name="seance.txt"):
    return {notice.code for notice in read(*lines, name=name).warnings}


# ------------------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        ("T: {}", "P: {}", ("T", "P")),
        ("T :{}", "P :{}", ("T", "P")),
        ("T\u00a0: {}", "P\u202f: {}", ("T", "P")),
        ("T： {}", "P： {}", ("T", "P")),
        ("Th. {}", "P. {}", ("Th", "P")),
        ("Thérapeute : {}", "Patient·e : {}", ("Thérapeute", "Patient·e")),
        ("PSY – {}", "PAT – {}", ("PSY", "PAT")),
        ("PSY - {}", "PAT - {}", ("PSY", "PAT")),
        ("TH1: {}", "TH2: {}", ("TH1", "TH2")),
        ("Mme D. : {}", "M. K. : {}", ("Mme D.", "M. K.")),
        ("SPEAKER_00: {}", "SPEAKER_01: {}", ("SPEAKER_00", "SPEAKER_01")),
        ("[SPEAKER_00]: {}", "[SPEAKER_01]: {}", ("SPEAKER_00", "SPEAKER_01")),
        ("[Intervenant 1] {}", "[Intervenant 2] {}", ("Intervenant 1", "Intervenant 2")),
        ("**Marie** : {}", "**Paul** : {}", ("Marie", "Paul")),
        ("**Marie :** {}", "**Paul :** {}", ("Marie", "Paul")),
        ("**Marie** {}", "**Paul** {}", ("Marie", "Paul")),
        ("Marie\n{}", "Paul\n{}", ("Marie", "Paul")),
        ("Thérapeute\n\n{}\n", "Patiente\n\n{}\n", ("Thérapeute", "Patiente")),
        ("T\t{}", "P\t{}", ("T", "P")),
        ("- T : {}", "- P : {}", ("T", "P")),
        ("12 T : {}", "13 P : {}", ("T", "P")),
        ("Karim : {}", "L'animatrice : {}", ("Karim", "L'animatrice")),
        ("marie: {}", "paul: {}", ("marie", "paul")),
        ("Elle : {}", "Lui : {}", ("Elle", "Lui")),
        ("Question : {}", "Réponse : {}", ("Question", "Réponse")),
        ("Dr. Martin : {}", "Mme. Durand : {}", ("Dr. Martin", "Mme. Durand")),
        ("(T) {}", "(P) {}", ("T", "P")),
        ("[Timothée] {}", "[Christine] {}", ("Timothée", "Christine")),
        ("## Thérapeute\n{}\n", "## Patiente\n{}\n", ("Thérapeute", "Patiente")),
        ("Marie - 00:01\n{}\n", "Paul - 00:01\n{}\n", ("Marie", "Paul")),
        ("Jean-Noël de la Tour, père de l’enfant, né à Paris, réanimateur : {}", "T : {}",
         ("Jean-Noël de la Tour, père de l’enfant, né à Paris, réanimateur", "T")),
    ],
)  # fmt: skip
def test_chaque_facon_d_ecrire_un_nom_est_reconnue(one, other, names):
    lines = [
        one.format("Vous dormez ?"),
        other.format("Il m'a dit : viens."),
        one.format("Et alors ?"),
        other.format("Rien."),
    ]
    assert turns(*lines) == [
        (names[0], "Vous dormez ?"),
        (names[1], "Il m'a dit : viens."),
        (names[0], "Et alors ?"),
        (names[1], "Rien."),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "[00:01:16] Locuteur 1 : Bonjour.",
        "Locuteur 1 [00:01:16] : Bonjour.",
        "Locuteur 1 : [00:01:16] Bonjour.",
        "Locuteur 1 (00:01:16) : Bonjour.",
        "00:01:16 Locuteur 1 : Bonjour.",
        "00:01:16 Locuteur 1\nBonjour.",
        "Locuteur 1 00:01:16 Bonjour.",
        "Locuteur 1  1:16\nBonjour.",
        "Locuteur 1\n1:16\nBonjour.",
        "Locuteur 1\n[00:01:16]\nBonjour.",
        "[Locuteur 1] [01:16] Bonjour.",
        "#00:01:16-0# Locuteur 1: Bonjour.",
        "[76.0 → 80.5] Locuteur 1 : Bonjour.",
        "[00:01:16 - 00:01:20] Locuteur 1 : Bonjour.",
        "**Locuteur 1** [00:01:16] Bonjour.",
    ],
)
def test_le_repere_de_temps_est_lu_ou_qu_il_soit(line):
    other = line.replace("Locuteur 1", "Locuteur 2").replace("1:16", "1:18").replace("76.0", "78.0")
    transcript = read(line, "", other)
    assert [(turn.speaker, turn.start_s, turn.text) for turn in transcript.turns] == [
        ("Locuteur 1", 76.0, "Bonjour."),
        ("Locuteur 2", 78.0, "Bonjour."),
    ]


def test_une_replique_courte_qui_finit_par_un_repere_n_est_pas_un_nom():
    lines = ["T : Entrez. [00:00:02]", "P : Oui.", "Bonjour docteur [00:00:05]", "T : Ah. [00:00:09]"]
    assert [speaker for speaker, _ in turns(*lines)] == ["T", "P", "T"]
    assert [speaker for speaker, _ in turns("Bonjour. #00:00:05-1#", "Bonjour. #00:00:07-1#")] == [None, None]


def test_le_repere_f4_en_fin_de_paragraphe_dit_la_fin():
    assert times("T: Bonjour. #00:00:05-4#", "P: Bonjour. #00:00:09-1#") == [
        ("T", None, 5.4),
        ("P", 5.4, 9.1),
    ]


def test_un_signe_qui_change_d_un_tour_a_l_autre_ne_perd_personne():
    assert turns("T : Bonjour.", "P - Oui.", "T - Bien.", "P : Non.") == [
        ("T", "Bonjour."), ("P", "Oui."), ("T", "Bien."), ("P", "Non."),
    ]  # fmt: skip


def test_des_noms_rares_entre_de_longs_tours_restent_des_noms():
    lines = [
        "T : Bonjour.",
        "P : Alors voilà,",
        *["je raconte encore la même chose et puis"] * 150,
        "T : Oui.",
        "P : Bon.",
    ]
    assert [speaker for speaker, _ in turns(*lines)] == ["T", "P", "T", "P"]


def test_une_dispute_rapportee_ne_fait_pas_de_nouveaux_locuteurs():
    lines = [
        "T : Racontez.",
        "P : On s'est parlé.",
        "Moi : tu rentres ?",
        "Lui : non.",
        "Moi : ah.",
        "Lui : non.",
        "T : Et ?",
    ]
    assert [speaker for speaker, _ in turns(*lines)] == ["T", "P", "T"]


def test_une_heure_dite_n_est_ni_un_nom_ni_un_repere():
    lines = ["T : On dit jeudi à 14:30 ?", "P : Plutôt 15:00.", "à 16:30 je peux aussi (17:00 non plus)"]
    assert turns(*lines)[1] == ("P", "Plutôt 15:00. à 16:30 je peux aussi (17:00 non plus)")


def test_les_graphies_d_un_nom_sont_une_seule_personne():
    assert {speaker for speaker, _ in turns("Th. : Oui.", "P : Ah.", "TH : Bon.", "th : Et ?")} == {
        "Th.",
        "P",
    }


def test_une_note_apres_le_nom_reste_dans_la_parole():
    assert turns("T : Oui ?", "P (rit) : Non.", "T : Ah.", "P [pleure] : Si.")[1::2] == [
        ("P", "(rit) Non."),
        ("P", "[pleure] Si."),
    ]


def test_les_noms_qui_comptent_les_tours_sont_ramenes_au_locuteur():
    lines = ["T1 : Bonjour.", "P1 : Bonjour.", "T2 : Alors ?", "P2 : Rien.", "T3 : Rien."]
    assert [speaker for speaker, _ in turns(*lines)] == ["T", "P", "T", "P", "T"]
    assert "formats.numbered_turns" in codes(*lines)


def test_dans_un_groupe_celui_qui_parle_une_fois_est_reconnu():
    lines = ["Animatrice : Qui commence ?", "Karim : Moi.", "Animatrice : Oui ?", "Nadège : Non, moi."]
    assert [speaker for speaker, _ in turns(*lines)] == ["Animatrice", "Karim", "Animatrice", "Nadège"]


# ------------------------------------------------------------------------------ what is no name


@pytest.mark.parametrize(
    "line",
    [
        "Alors : je suis partie.",
        "Bon : rien.",
        "Il m'a dit : viens.",
        "et je lui ai répondu : non",
        "Ma mère : toujours pareille.",
        "Première chose : dormir.",
        "http://exemple.fr : voilà",
        "[rire] oui : voilà",
        "D'accord : jeudi.",
    ],
)
def test_un_deux_points_dans_la_parole_n_est_pas_un_nom_meme_repete(line):
    found = turns("T : Vous disiez ?", "P : Je disais.", line, line, "T : Ah.")
    assert [speaker for speaker, _ in found] == ["T", "P", "T"]
    assert found[1][1] == f"Je disais. {line} {line}"


def test_un_nom_vu_une_seule_fois_au_milieu_d_un_tour_est_signale():
    lines = [
        "T : Bon.",
        "P : J'ai appelé.",
        "à la fin",
        "Secours : occupé.",
        "encore",
        "T : Ah.",
        "et ?",
        "P : Voilà.",
    ]
    (notice,) = [notice for notice in read(*lines).warnings if notice.code == "formats.lone_names"]
    assert notice.line == 4 and "Secours" not in notice.message("fr")


def test_les_lignes_de_suite_appartiennent_au_tour():
    assert turns("T : Bonjour,", "entrez donc.", "", "Asseyez-vous.", "[silence 8 s]", "P : Merci.") == [
        ("T", "Bonjour, entrez donc. Asseyez-vous. [silence 8 s]"),
        ("P", "Merci."),
    ]


# ------------------------------------------------------------------------------ without names


def test_les_tirets_de_dialogue_alternent_a_et_b_avec_un_avis():
    lines = [
        "— Bonjour.",
        "– Bonjour, il m'a dit : viens.",
        "Alors je suis venue.",
        "- Ah.",
        "[rire]",
        "— Oui.",
    ]
    assert turns(*lines) == [
        ("A", "Bonjour."),
        ("B", "Bonjour, il m'a dit : viens. Alors je suis venue."),
        ("A", "Ah. [rire]"),
        ("B", "Oui."),
    ]
    (notice,) = read(*lines).warnings[:1]
    assert notice.code == "formats.alternating_dashes" and "--roles A=therapist,B=patient" in notice.message(
        "fr"
    )


def test_les_paragraphes_sans_nom_alternent():
    lines = ["Bonjour,", "entrez.", "", "Merci.", "", "[silence]", "", "Alors ?"]
    assert turns(*lines) == [("A", "Bonjour, entrez."), ("B", "Merci. [silence]"), ("A", "Alors ?")]
    assert "formats.alternating_paragraphs" in codes(*lines)


def test_sans_ligne_vide_chaque_ligne_est_un_tour():
    assert turns("Bonjour.", "Bonjour.", "Alors ?") == [
        ("A", "Bonjour."),
        ("B", "Bonjour."),
        ("A", "Alors ?"),
    ]
    assert "formats.alternating_lines" in codes("Bonjour.", "Bonjour.")


def test_des_reperes_sans_nom_ne_font_pas_alterner():
    lines = ["[0.01 → 0.69] Bonjour et", "[0.69 → 2] bienvenue.", "[2.2 → 3] Merci."]
    assert times(*lines) == [(None, 0.01, 2.0), (None, 2.2, 3.0)]
    assert turns(*lines)[0] == (None, "Bonjour et bienvenue.")
    assert "formats.stamped_without_names" in codes(*lines)


def test_les_roles_peuvent_etre_donnes_a_a_et_b():
    transcript = read("— Bonjour.", "— Merci.", roles={"A": Role.THERAPIST, "B": Role.PATIENT})
    assert {speaker.id: speaker.role for speaker in transcript.speakers} == {
        "A": Role.THERAPIST,
        "B": Role.PATIENT,
    }


# ------------------------------------------------------------------------------ above the talk


def test_l_en_tete_est_mis_de_cote_et_ce_qu_il_declare_est_garde():
    transcript = read(
        "Entretien clinique",
        "Séance n° 4 – 12/03/2024",
        "Dyade : D07",
        "T = thérapeute, P = patiente (34 ans)",
        "",
        "T : Bonjour.",
        "P : Bonjour.",
    )
    assert transcript.metadata == {"session_number": 4, "date": "2024-03-12", "dyad_id": "D07"}
    assert {speaker.id: speaker.role for speaker in transcript.speakers} == {
        "T": Role.THERAPIST,
        "P": Role.PATIENT,
    }
    (notice,) = [notice for notice in transcript.warnings if notice.code == "formats.lines_aside"]
    assert notice.params == {"count": 4}
    assert len(transcript.turns) == 2 and transcript.turns[0].line == 6


@pytest.mark.parametrize(
    ("line", "metadata"),
    [
        ("Séance 4", {"session_number": 4}),
        ("12e séance, le 3 mai 2023", {"session_number": 12, "date": "2023-05-03"}),
        ("# Entretien numéro 2 (2024-01-31)", {"session_number": 2, "date": "2024-01-31"}),
        ("Séance du 01.02.2024", {"date": "2024-02-01"}),
        ("Durée : 45 min", {}),
    ],
)
def test_numero_et_date_sont_lus_sous_leurs_formes_usuelles(line, metadata):
    assert read(line, "", "T : Bonjour.", "P : Bonjour.").metadata == metadata


def test_une_legende_a_deux_points_n_est_pas_un_tour():
    transcript = read("T : thérapeute", "P : le patient", "", "T : Bonjour.", "P : Bonjour.")
    assert len(transcript.turns) == 2
    assert {speaker.role for speaker in transcript.speakers} == {Role.THERAPIST, Role.PATIENT}


def test_une_reponse_d_un_mot_n_est_pas_une_legende():
    assert turns("T : Docteur", "P : Oui ?", "T : Bonjour.")[0] == ("T", "Docteur")


def test_le_nom_declare_pour_un_role_est_reconnu():
    transcript = read(
        "Thérapeute : Mme D.",
        "Patient : M. R.",
        "",
        "Mme D. : Bonjour.",
        "M. R. : Bonjour.",
        "Mme D. : Alors ?",
    )
    assert {speaker.id: speaker.role for speaker in transcript.speakers} == {
        "Mme D.": Role.THERAPIST,
        "M. R.": Role.PATIENT,
    }
    assert len(transcript.turns) == 3


def test_l_en_tete_yaml_est_lu():
    lines = [
        "---",
        "séance: 7",
        "date: 2024-03-12",
        "approche: TCC",
        "roles:",
        "  Cl: therapist",
        "  Jo: patiente",
        "---",
        "",
        "**Cl** : Bonjour.",
        "",
        "**Jo** : Salut.",
    ]
    transcript = read(*lines, name="seance.md")
    assert transcript.metadata == {"session_number": 7, "date": "2024-03-12", "approche": "TCC"}
    assert {speaker.id: speaker.role for speaker in transcript.speakers} == {
        "Cl": Role.THERAPIST,
        "Jo": Role.PATIENT,
    }


def test_un_silence_avant_le_premier_mot_est_garde():
    assert turns("Séance 3", "[silence 50 s]", "T : Bon.", "P : Oui.")[0] == ("T", "[silence 50 s] Bon.")


# ------------------------------------------------------------------------------ overlaps, times


def test_un_chevauchement_nomme_revient_a_qui_parle():
    assert turns("S00: C'était long. //S01: Hm hm. // Très long. //S01: Trop long. //", "S01: Trop.") == [
        ("S00", "C'était long. Très long."),
        ("S01", "Trop long. Hm hm. Trop."),
    ]


def test_un_chevauchement_sans_nom_reste_du_texte():
    assert turns("Madame : Tu vois, //ça c'est//", "Monsieur : //Non.//")[0] == (
        "Madame",
        "Tu vois, //ça c'est//",
    )


def test_un_repere_dans_la_parole_est_ote_du_texte():
    transcript = read("T : Bonjour [00:00:03] et bienvenue.", "P : Merci.")
    assert transcript.turns[0].text == "Bonjour et bienvenue."


def test_un_repere_qui_revient_en_arriere_ne_deplace_rien():
    lines = ["T [00:10:00] : Un.", "P [00:20:00] : Deux.", "T [00:00:03] : Trois.", "P [00:00:09] : Quatre."]
    assert [text for _, text in turns(*lines)] == ["Un.", "Deux.", "Trois.", "Quatre."]
    (notice,) = [notice for notice in read(*lines).warnings if notice.code == "formats.times_backwards"]
    assert notice.line == 3


# ------------------------------------------------------------------------------ which format


@pytest.mark.parametrize(
    ("name", "data", "format_id"),
    [
        ("a.txt", "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Anne>Bonjour.</v>\n", "vtt"),
        ("a.txt", "1\n00:00:01,000 --> 00:00:02,000\nT : Bonjour.\n", "srt"),
        ("a.txt", "Locuteur\tTexte\nT\tBonjour.\nP\tOui.\n", "tsv"),
        ("a.docx", "T : Bonjour.\nP : Oui.\n", "text"),
        ("a.rtf", "T : Bonjour.\nP : Oui.\n", "text"),
    ],
)
def test_le_contenu_l_emporte_sur_l_extension_et_c_est_dit(name, data, format_id):
    (transcript,) = read_bytes(data.encode(), name)
    assert transcript.source.format == format_id
    (notice,) = transcript.warnings[:1]
    assert notice.code in (
        "formats.content_differs",
        "formats.unknown_suffix",
    ) and format_id in notice.message("fr")


def test_l_entree_standard_est_lue_sans_nom():
    (transcript,) = read_bytes("T : Bonjour.\nP : Oui.".encode("utf-16"), "-")
    assert (transcript.session_id, transcript.source.file, transcript.source.format) == (
        "stdin",
        "stdin",
        "text",
    )
    assert "formats.unknown_suffix" not in {notice.code for notice in transcript.warnings}


def test_un_format_peut_etre_force_et_doit_exister():
    assert read("T : Bonjour.", "P : Oui.", name="a.csv", format="text").source.format == "text"
    with pytest.raises(ConfigError, match="wpd"):
        read("T : Bonjour.", format="wpd")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("<!DOCTYPE html><html><body>T : Bonjour.</body></html>", "formats.is_html"),
        ('<?xml version="1.0"?><plist></plist>', "formats.is_xml"),
        ('File type = "ooTextFile"\nObject class = "TextGrid"\n', "formats.is_textgrid"),
        ("@UTF8\n@Begin\n*CHI:\tbonjour .\x15120_450\x15\n", "formats.is_chat"),
        ("1\tje\tje\tCL\t2\n2\tdors\tdormir\tV\t0\n3\tmal\tmal\tADV\t2\n", "formats.is_columns"),
    ],
)
def test_un_autre_format_est_nomme_plutot_que_mal_lu(data, code):
    with pytest.raises(TranscriptFormatError) as caught:
        read_bytes(data.encode(), "seance.txt", options=ReadOptions(format="text"))
    assert caught.value.code == code and caught.value.message("fr").startswith("seance.txt:")


def test_un_dossier_et_un_fichier_absent_sont_dits(tmp_path):
    for path, code in ((tmp_path, "formats.is_folder"), (tmp_path / "rien.txt", "formats.unreadable")):
        with pytest.raises(TranscriptFormatError) as caught:
            read_sessions(path)
        assert caught.value.code == code and caught.value.message("fr")


def test_un_fichier_garde_son_nom_son_empreinte_et_son_encodage(tmp_path):
    path = tmp_path / "se\u0301ance 1.txt"
    path.write_bytes("T : Déjà ?\r\nP : Là.".encode("cp1252"))
    transcript = read_transcript(path)
    assert transcript.session_id == "séance 1" and transcript.source.file == "séance 1.txt"
    assert len(transcript.source.sha256) == 64 and transcript.source.extra == {"encoding": "windows-1252"}


# ------------------------------------------------------------------------------ limits


def test_un_seul_locuteur_est_lu_avec_un_avis():
    assert "formats.one_speaker" in codes("T : Bonjour.", "T : Encore.")


@pytest.mark.parametrize("text", ["T :\nP :\n", "Séance 4\nT :", "---\ndate: 2024-01-01\n---\n"])
def test_un_fichier_sans_parole_est_refuse(text):
    with pytest.raises(TranscriptFormatError) as caught:
        read(text)
    assert caught.value.code == "formats.no_turn"


@pytest.mark.parametrize(
    "line",
    [
        "T : " + "bla " * 250_000,
        "a: " * 330_000,
        "[" * 1_000_000,
        "T : " + "(" * 1_000_000,
        "T :" + " " * 1_000_000 + "x",
        "1:" * 500_000,
        "T – " * 250_000,
        "**" * 500_000,
        "#meta" + "<goal>" * 150_000,
    ],
    ids=lambda line: line[:8].strip(),
)
def test_une_ligne_d_un_megaoctet_se_lit_vite(line):
    try:
        assert sum(len(turn.text) for turn in read(line, "P : oui").turns) > 0
    except AllianceError as error:
        assert error.code == "formats.markup_bad_meta"


# ------------------------------------------------------------------------------ any session

WORDS = st.text(st.sampled_from("abcéÉœ’'«»?!.,;: -–…😀\u0301\u00a0\u202f👩‍👧[]()"), min_size=1, max_size=30)
SPEECH = WORDS.map(lambda text: "Je " + unicodedata.normalize("NFC", text).strip()).map(str.strip)
STYLES = ["{} : {}", "{}: {}", "{}\u00a0: {}", "{} – {}", "**{}** : {}", "[00:00:{:02}] {} : {}"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(SPEECH, min_size=4, max_size=20),
    st.sampled_from(STYLES),
    st.sampled_from(["\n", "\r\n", "\n\n", "\r"]),
)
def test_toute_seance_ecrite_avec_des_noms_se_relit_mot_pour_mot(speeches, style, newline):
    talk = [("Thérapeute" if index % 2 else "Mme D.", text) for index, text in enumerate(speeches)]
    stamped = style.startswith("[00")
    lines = [
        style.format(index, *turn) if stamped else style.format(*turn) for index, turn in enumerate(talk)
    ]
    transcript = read_bytes(newline.join(lines).encode(), "s.txt")[0]
    assert [(turn.speaker, turn.text) for turn in transcript.turns] == talk
    if stamped:
        assert [turn.start_s for turn in transcript.turns] == [float(index) for index in range(len(talk))]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_tout_texte_se_lit_ou_se_refuse_proprement(text):
    try:
        transcript = read_bytes(text.encode("utf-8", errors="replace"), "s.txt")[0]
    except AllianceError as error:
        assert error.message("fr") and error.message("en")
    else:
        assert all(notice.message("fr") and notice.message("en") for notice in transcript.warnings)


# ------------------------------------------------------------------------------ other people's files


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="samples of other tools are not in the repository")
@pytest.mark.parametrize(
    ("sample", "speakers", "count"),
    [
        ("txt/nzilbb_en__transcribeme.txt", ["S1", "S2"], 4),
        ("txt/qualcoder_en__transcript.txt", ["id1", "id2", "id3"], 7),
        ("txt/nzilbb_en__descript.txt", [], 3),
        (
            "nvivo/nvivo_out__teams_transcript_correct.txt",
            ["Speaker, First (Student)", "Interviewer, First"],
            10,
        ),
        ("noscribe/noscribe_de__interview.txt", ["S01", "S02", "S00"], None),
    ],
)
def test_les_fichiers_d_autres_outils_se_lisent(sample, speakers, count):
    transcript = read_transcript(SAMPLES / sample)
    assert [speaker.id for speaker in transcript.speakers] == speakers
    assert count in (None, len(transcript.turns))


def test_les_paragraphes_d_un_document_se_lisent_de_meme():
    draft = draft_from_lines(["", "T : Bonjour.", "P : Oui."])
    assert [(found.speaker, found.text, found.line) for found in draft.utterances] == [
        ("T", "Bonjour.", 2),
        ("P", "Oui.", 3),
    ]


@pytest.mark.parametrize("sign", ["PSY – {}", "Th. {}", "(T) {}"])
def test_deux_noms_de_role_rencontres_une_seule_fois_chacun_suffisent(sign):
    other = sign.replace("PSY", "PAT").replace("Th", "Pat").replace("(T)", "(P)")
    text = sign.format("Bonjour, asseyez-vous.") + "\n" + other.format("Merci, bonjour.") + "\n"
    (session,) = read_bytes(text.encode(), "bref.txt")
    assert [turn.text for turn in session.turns] == ["Bonjour, asseyez-vous.", "Merci, bonjour."]
    assert [speaker.role.value for speaker in session.speakers] == ["therapist", "patient"]


@pytest.mark.parametrize("name", ["a.txt", "a.rtf"])
def test_un_fichier_de_plus_de_lignes_qu_une_journée_de_parole_est_refusé(name):
    lines = [f"{'TP'[n % 2]} : oui" for n in range(MAX_LINES + 2)]
    data = rtf_lines(lines) if name.endswith(".rtf") else "\n".join(lines).encode()
    with pytest.raises(TranscriptFormatError) as refusal:
        read_bytes(data, name)
    assert refusal.value.code == "talk_files.too_many" and refusal.value.params["limit"] == MAX_LINES
