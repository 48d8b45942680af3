"""CHAT files of CLAN (.cha): headers, main lines, dependent tiers, and the codes inside the talk."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance_nlp.errors import AllianceError, TranscriptFormatError
from alliance_nlp.formats import read_bytes, read_transcript
from alliance_nlp.formats.chat_text import Writing, clean
from alliance_nlp.transcript import Role, Transcript
from tests.formats.talk_samples import codes_of, sample, sample_transcript, samples_folder, turns_of

HEAD = "@UTF8\n@Begin\n@Languages:\tfra\n@Participants:\tTHE Anne Therapist, PAT Luc Patient\n"
SESSION = (
    HEAD
    + "@ID:\tfra|essai|PAT|34;02.|male|||Patient|||\n@Media:\tseance_de_luc, audio\n@Date:\t09-JUL-2024\n@Location:\tRennes\n"
    + "*THE:\ton reprend le carnet ? \x150_2100\x15\n%com:\tla porte est ouverte\n"
    + "*PAT:\toui je l'ai &-euh rempli [/] rempli\n\tdeux fois . \x152100_5000\x15\n%mor:\tco|oui\n%act:\tmontre le carnet\n"
    + "@End\n"
)


def cha(text: str, name: str = "seance.cha") -> Transcript:
    (transcript,) = read_bytes(text.encode(), name)
    return transcript


def said(line: str) -> str:
    return clean(line).text


# ---------------------------------------------------------------------------------------- the file


def test_une_seance_chat_donne_ses_tours_ses_temps_et_ses_lignes() -> None:
    session = cha(SESSION)
    assert turns_of(session) == [
        ("THE", "on reprend le carnet ?"),
        ("PAT", "oui je l'ai euh rempli rempli deux fois."),
    ]
    assert [(t.start_s, t.end_s, t.line) for t in session.turns] == [(0.0, 2.1, 9), (2.1, 5.0, 11)]
    assert session.source.format == "chat" and session.language == "fr"
    assert session.metadata["date"] == "2024-07-09"


def test_les_roles_declares_sont_ceux_des_locuteurs() -> None:
    roles = {speaker.id: speaker.role for speaker in cha(SESSION).speakers}
    assert roles == {"THE": Role.THERAPIST, "PAT": Role.PATIENT}


@pytest.mark.parametrize(
    ("declared", "role"),
    [("Mother", Role.PARENT), ("Investigator", None), ("Target_Child", None), ("Participant", None), ("Client", Role.PATIENT)],
)
def test_un_role_de_chat_n_est_pris_que_s_il_dit_une_chose_en_therapie(declared, role) -> None:
    text = f"@Begin\n@Participants:\tAAA Zoé {declared}, BBB Max Sister\n*AAA:\tbon .\n*BBB:\tbien .\n@End\n"
    sources = {s.id: s.extra["role_source"] for s in cha(text).speakers}
    found = {s.id: s.role for s in cha(text).speakers}
    assert (sources["AAA"] == "declared", found["AAA"] if role else None) == (role is not None, role)


def test_l_enfant_cible_est_le_patient_quand_un_therapeute_est_la() -> None:
    text = "@Begin\n@Participants:\tCHI Zoé Target_Child, THE Anne Therapist\n*CHI:\tnon .\n*THE:\td'accord .\n@End\n"
    assert {s.id: s.role for s in cha(text).speakers} == {"CHI": Role.PATIENT, "THE": Role.THERAPIST}


def test_ce_qui_n_est_pas_parole_est_garde_a_part() -> None:
    session = cha(SESSION)
    first, second = (turn.extra["chat"] for turn in session.turns)
    assert first == {"line": "on reprend le carnet ?", "tiers": {"com": "la porte est ouverte"}}
    assert second["tiers"] == {"mor": "co|oui", "act": "montre le carnet"}
    assert second["line"] == "oui je l'ai &-euh rempli [/] rempli deux fois ."
    assert session.metadata["chat"]["participants"]["PAT"] == {"role": "Patient", "age": "34;02.", "sex": "male"}
    assert codes_of(session) == ["talk_files.chat_tiers_aside", "talk_files.chat_headers_left"]


def test_ni_le_nom_des_personnes_ni_celui_de_l_enregistrement_ni_le_lieu_ne_sont_gardes() -> None:
    kept = repr(cha(SESSION))
    assert not any(name in kept for name in ("Luc", "Anne", "seance_de_luc", "Rennes"))


def test_plusieurs_reperes_dans_une_ligne_font_un_tour_qui_va_du_premier_au_dernier() -> None:
    session = cha(HEAD + "*PAT:\tje dors \x15100_900\x15\n\tassez mal . \x15900_2000\x15\n*THE:\tah . \x152000_2500\x15\n@End\n")
    assert [(t.text, t.start_s, t.end_s) for t in session.turns] == [("je dors assez mal.", 0.1, 2.0), ("ah.", 2.0, 2.5)]


def test_ce_qu_un_autre_glisse_dans_la_parole_est_un_tour_a_lui() -> None:
    session = cha(HEAD + "*PAT:\tje l'ai fait &*THE:mhm deux fois . \x150_3000\x15\n*PAT:\tvoilà . \x153000_4000\x15\n@End\n")
    assert turns_of(session) == [("PAT", "je l'ai fait deux fois."), ("THE", "mhm"), ("PAT", "voilà.")]


def test_une_pause_seule_n_est_a_personne() -> None:
    session = cha(HEAD + "*PAT:\tje sais pas .\n*PPP:\t(8.)\n*THE:\tprenez le temps .\n@End\n")
    assert turns_of(session) == [("PAT", "je sais pas. [silence 8 s]"), ("THE", "prenez le temps.")]


def test_une_ligne_sans_parole_ne_fait_pas_de_tour_et_c_est_dit() -> None:
    session = cha(HEAD + "*PAT:\t0 .\n%act:\tpointe la porte\n*THE:\tla porte ?\n*PAT:\toui .\n@End\n")
    assert turns_of(session) == [("THE", "la porte ?"), ("PAT", "oui.")]
    assert [n.line for n in session.warnings if n.code == "talk_files.chat_mute_lines"] == [5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_les_encodages_donnent_les_memes_tours(encoding) -> None:
    text = SESSION if encoding != "cp1252" else SESSION.replace("@UTF8\n", "")
    (session,) = read_bytes(text.replace("le carnet ?", "le carnet déjà commencé ?").encode(encoding), "s.cha")
    assert turns_of(session)[0] == ("THE", "on reprend le carnet déjà commencé ?")


def test_un_fichier_chat_en_txt_est_reconnu_et_c_est_dit() -> None:
    session = cha(SESSION, "seance.txt")
    assert session.source.format == "chat" and codes_of(session)[0] == "formats.content_differs"


def test_les_reperes_de_clan_en_points_et_les_anciens_sont_lus() -> None:
    old = cha(HEAD + '*THE:\tbonjour . \x15%snd:"a12"_100_900\x15\n*PAT:\tbonjour . •900_1500•\n@End\n')
    assert [(t.start_s, t.end_s) for t in old.turns] == [(0.1, 0.9), (0.9, 1.5)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("@UTF8\n@Begin\n@Participants:\tPAT Luc Patient\n@End\n", "talk_files.chat_no_line"),
        ("@UTF8\n@Begin\n*PAT:\t0 .\n*PAT:\t&+a [/] .\n".replace("&+a", "0"), "talk_files.chat_no_word"),
    ],
)
def test_un_fichier_chat_sans_parole_est_refuse_avec_sa_raison(text, code) -> None:
    with pytest.raises(TranscriptFormatError) as error:
        cha(text)
    assert error.value.code == code and error.value.message("fr") and error.value.message("en")


# ---------------------------------------------------------------------------------------- the codes


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("t(u) as vu d(e)dans ?", "tu as vu dedans ?"),
        ("(il) y a (rires) Paul (Con) .", "il y a (rires) Paul (Con)."),
        ("oui [rit] ça va .", "oui [rit] ça va."),
        ("&=laughs oui &=imit:chien .", "[rire] oui [imit chien]."),
        ("xxx puis yyy , www .", "[inaudible] puis [inaudible], [non transcrit]."),
        ("je [/] je veux <le bus> [//] le métro .", "je je veux le bus… le métro."),
        ("j'étais [///] en fait j'avais peur [/-] bon .", "j'étais… en fait j'avais peur… bon."),
        ("vroum [x 3] <ah oui> [x 2] non [x 40] .", "vroum vroum vroum ah oui ah oui non [x 40]."),
        ("pasque [: parce que] c'est sontaient [*] ça [=? sa] [% note] .", "pasque c'est sontaient ça."),
        ("maman@f mange du popo@s:eng+fra crac@o .", "maman mange du popo crac."),
        ("il_y_a un arc+en+ciel , parce_que .", "il y a un arc-en-ciel, parce que."),
        ("0je veux 0det pomme .", "veux pomme."),
        ("bon (.) je (..) sais pas (...) voilà (3.5) bref (0.4) .", "bon… je… sais pas [silence] voilà [silence 3,5 s] bref…"),
        ("je voulais +...", "je voulais…"),
        ("tu voulais +..?", "tu voulais… ?"),
        ("je vais +/.", "je vais –"),
        ("je vais +//.", "je vais –"),
        ('il a dit +"/.', "il a dit :"),
        ('+" viens ici .', "viens ici."),
        ("+< oui [>] <mais non> [<1] !", "oui mais non !"),
        ("no::n c'est lo:ng ˈvrai^ment .", "non c'est long vraiment."),
        ("⌈oui⌉ ↑bon↓ ‡ voilà .", "oui bon, voilà."),
        ("&-euh &+pa papa &~gaga &hum .", "euh pa- papa gaga hum."),
        ("&{l=laughs bien sûr &}l=laughs .", "[rire] bien sûr."),
        ("[- eng] okay [+ id] .", "okay."),
        ("c' est l' heure , qu' on parte .", "c'est l'heure, qu'on parte."),
        ("oui [=! chuchote] [^ bruit de porte] # bon .", "oui [chuchote] [bruit de porte]… bon."),
        ("0 .", ""),
        ("&=laughs .", "[rire]"),
        ("rendez-vous le 10 à 8:30 .", "rendez-vous le 10 à 8:30."),
    ],
)
def test_les_codes_de_chat_deviennent_ce_qu_une_personne_aurait_tape(line, typed) -> None:
    assert said(line) == typed


def test_dans_un_fichier_anglais_les_notes_et_les_signes_restent_anglais() -> None:
    english = Writing(french=False)
    assert clean("&=laughs www you did ? (1.5)", english).text == "[laughs] [not transcribed] you did? [silence 1.5 s]"


def test_un_bloc_de_marques_d_analyse_conversationnelle_s_efface() -> None:
    assert clean("°well° o:kay→ (0.2)", Writing(french=False, ca=True)).text == "well okay…"


@given(st.text(alphabet="ab é[]()<>‹›&=+./-*:@0x%#^'\"_1 \x02\x15?!,", max_size=80))
def test_nettoyer_n_echoue_jamais_et_ne_garde_aucun_caractere_de_commande(line) -> None:
    text = clean(line).text
    assert text == " ".join(text.split()) and not re.search(r"[\x00-\x1f\x7f]", text)


# ---------------------------------------------------------------------------------------- damage


def test_coupe_n_importe_ou_un_fichier_est_lu_ou_refuse_clairement() -> None:
    data = SESSION.encode()
    for end in range(len(data)):
        try:
            read_bytes(data[:end], "s.cha")
        except AllianceError as error:
            assert error.message("fr")


@given(st.binary(max_size=300))
def test_n_importe_quoi_apres_la_bonne_tete_est_lu_ou_refuse(tail) -> None:
    try:
        read_bytes(b"@UTF8\n@Begin\n*PAT:\toui .\n" + tail, "s.cha")
    except AllianceError as error:
        assert error.message("fr")


@pytest.mark.parametrize(
    "line", ["<" * 200_000, "[" * 200_000, "(" * 200_000, "\x15" * 200_000, "a_" * 100_000, "oui [x 9999] " * 20_000, "&" * 200_000,
             "\x150_1" * 50_000, "+" * 200_000, "(a" * 100_000, ":" * 200_000, "x" * 300_000, "' " * 100_000]
)  # fmt: skip
def test_une_ligne_demesuree_est_lue_ou_refusee_vite(line) -> None:
    began = time.process_time()
    try:
        cha(HEAD + f"*PAT:\toui {line} .\n*THE:\tbon .\n")
    except AllianceError as error:
        assert error.message("fr")
    assert time.process_time() - began < 10


# ---------------------------------------------------------------------------------------- files made by others


def test_chaque_fichier_chat_d_autrui_est_lu() -> None:
    sample("cha/teicorpo_fr__short.cha")
    for path in sorted((samples_folder() / "cha").glob("*.cha")):
        session = read_transcript(path)
        assert session.source.format == "chat" and session.turns
        assert not re.search(r"[\x01-\x08\x15]|&=|\[[/*+:=<>]|xxx|@s", " ".join(turn.text for turn in session.turns)), path.name


def test_clan_et_son_vtt_donnent_les_memes_tours() -> None:
    """The vtt of the same talk was written by nzilbb's converter, which changed the text, not the turns.

    It calls people by the names of @Participants (SUB is « Nony_mouse », EXA « Investigator »), leaves out end signs,
    shortens where CHAT completes (« worryin » for « worryin(g) ») and writes « i~ » for a word begun (« &+i »).  So
    the letters of the cha are compared after its brackets are taken off in the same way.
    """
    cha_turns, vtt_turns = (sample_transcript(f).turns for f in ("cha/nzilbb_en__clan.cha", "vtt/nzilbb_en__expected_clan.vtt"))
    names = {"Nony_mouse": "SUB", "Investigator": "EXA"}
    assert [turn.speaker for turn in cha_turns] == [names[turn.speaker or ""] for turn in vtt_turns]
    for ours, theirs in zip(cha_turns, vtt_turns):
        assert (ours.start_s, ours.end_s) == (theirs.start_s, theirs.end_s)
        kept = ours.extra["chat"]
        line = " ".join(item["line"] for item in (kept if isinstance(kept, list) else [kept]))
        shortened = clean(re.sub(r"\(\w+\)", "", line), Writing(french=False)).text
        assert letters(shortened) == letters(theirs.text)


def letters(text: str) -> list[str]:
    return re.findall(r"[\w']+", text)
