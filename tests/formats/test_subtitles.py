"""Subtitles: .srt and .vtt, from Teams, Zoom, YouTube, WhisperX or typed by hand."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats import subtitles
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.segmentation import segment

SAMPLES = Path(__file__).resolve().parents[3] / "shared/samples/formats"


def read(text: str | bytes, name: str = "seance.vtt") -> Draft:
    data = text if isinstance(text, bytes) else text.encode()
    (draft,) = subtitles.read(data, name, ReadOptions())
    assert isinstance(draft, Draft)
    return draft


def srt(*texts: str) -> str:
    """Return SubRip cues of one second each."""
    return "".join(
        f"{i + 1}\n00:00:{i:02d},000 --> 00:00:{i + 1:02d},000\n{text}\n\n" for i, text in enumerate(texts)
    )


def vtt(*texts: str) -> str:
    return "WEBVTT\n\n" + srt(*texts).replace(",000", ".000")


def said(draft: Draft) -> list[tuple[str | None, str]]:
    return [(utterance.speaker, utterance.text) for utterance in draft.utterances]


def turns(draft: Draft) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in segment(draft.utterances)]


def codes(draft: Draft) -> list[str]:
    return [notice.code for notice in draft.notices]


# ---------------------------------------------------------------------------------------- speakers


def test_les_voix_webvtt_nomment_les_locuteurs() -> None:
    draft = read(
        vtt(
            "<v Mme D.>Bonjour.</v>",
            "<v.fort.lent Patient·e>Bonjour,\nje suis <i>là</i>.</v>",
            "<v S01>Bien.",
        )
    )
    assert said(draft) == [("Mme D.", "Bonjour."), ("Patient·e", "Bonjour, je suis là."), ("S01", "Bien.")]
    assert draft.notices == ()


def test_deux_voix_dans_un_sous_titre_font_deux_passages() -> None:
    draft = read(vtt("<v T>Ça va ?</v> <v P>Non.</v>"))
    assert said(draft) == [("T", "Ça va ?"), ("P", "Non.")]
    assert [(u.start_s, u.end_s) for u in draft.utterances] == [(0.0, None), (0.0, 1.0)]


def test_une_voix_sans_nom_prend_sa_classe_et_un_texte_hors_voix_reste_sans_locuteur() -> None:
    draft = read(vtt("<v.speaker1>Bonjour.</v>", "Bruit de porte au loin."))
    assert said(draft) == [("speaker1", "Bonjour."), (None, "Bruit de porte au loin.")]
    assert [(n.code, n.params) for n in draft.notices] == [
        ("files.without_speaker", {"count": 1, "total": 2})
    ]


def test_les_noms_devant_la_parole_sont_reconnus_quelle_que_soit_leur_forme() -> None:
    draft = read(
        srt(
            "[SPEAKER_00]: Bonjour.",
            "[SPEAKER_01]: Bonjour.",
            ">> SPEAKER_00: Et la semaine ?",
            "SPEAKER_01 : Dure.",
        )
    )
    assert said(draft) == [
        ("SPEAKER_00", "Bonjour."), ("SPEAKER_01", "Bonjour."), ("SPEAKER_00", "Et la semaine ?"), ("SPEAKER_01", "Dure."),
    ]  # fmt: skip


def test_un_nom_vaut_jusqu_au_suivant_et_une_phrase_coupee_est_recollee() -> None:
    draft = read(
        srt("T: On reprend le carnet,\nsi vous voulez,", "ensemble ?", "P: Oui, j'ai noté\ndeux soirs.")
    )
    assert turns(draft) == [
        ("T", "On reprend le carnet, si vous voulez, ensemble ?"), ("P", "Oui, j'ai noté deux soirs."),
    ]  # fmt: skip
    first = segment(draft.utterances)[0]
    assert (first.start_s, first.end_s, first.line) == (0.0, 2.0, 3)


def test_deux_noms_dans_un_meme_sous_titre_le_partagent() -> None:
    draft = read(srt("T: Vous dormez ?\nP: Non.", "P: Pas du tout."))
    assert said(draft) == [("T", "Vous dormez ?"), ("P", "Non."), ("P", "Pas du tout.")]


def test_un_nom_vu_une_seule_fois_est_cru_apres_une_phrase_finie() -> None:
    draft = read(
        srt(
            "Anna: Bonjour.",
            "Bruno: Bonjour.",
            "Anna: On commence.",
            "Bruno: Oui.",
            "Claire: Je peux entrer ?",
        )
    )
    assert said(draft)[-1] == ("Claire", "Je peux entrer ?")


def test_deux_points_dans_la_parole_ne_font_pas_un_locuteur() -> None:
    draft = read(
        srt(
            "P: Hier\nj'ai appelé mon amie",
            "Louise : elle m'a dit : viens.",
            "T: Et alors ?",
            "P: Alors : rien.",
        )
    )
    assert turns(draft)[0] == ("P", "Hier j'ai appelé mon amie Louise : elle m'a dit : viens.")
    assert turns(draft)[-1] == ("P", "Alors : rien.")


def test_les_tirets_de_dialogue_alternent_et_le_disent() -> None:
    draft = read(srt("- Vous avez rempli le carnet ?\n- Un peu.", "C'était dur.", "- Dur comment ?"))
    assert turns(draft) == [
        ("A", "Vous avez rempli le carnet ?"), ("B", "Un peu. C'était dur."), ("A", "Dur comment ?"),
    ]  # fmt: skip
    assert codes(draft) == ["files.subtitles_turns_guessed"]


def test_les_chevrons_sans_nom_alternent_aussi() -> None:
    assert turns(read(vtt("&gt;&gt; Bonjour.", ">> Bonjour docteur.", "Ça va mieux."))) == [
        ("A", "Bonjour."), ("B", "Bonjour docteur. Ça va mieux."),
    ]  # fmt: skip


def test_un_tiret_d_incise_n_est_pas_un_changement() -> None:
    draft = read(srt("Il est venu\n– enfin, je crois –\net reparti."))
    assert said(draft) == [(None, "Il est venu – enfin, je crois – et reparti.")]


def test_les_paroles_croisees_de_noscribe_reviennent_a_qui_les_dit() -> None:
    draft = read(vtt("<v S01>Je vous écoute. //S02: Merci. // Prenez le temps.", "<v //S02>Bon."))
    assert turns(draft) == [
        ("S01", "Je vous écoute."),
        ("S02", "Merci."),
        ("S01", "Prenez le temps."),
        ("S02", "Bon."),
    ]


def test_de_rares_tirets_ne_font_pas_alterner_toute_une_seance() -> None:
    draft = read(srt(*["Je parle seul."] * 20, "- Ah ?\n- Oui."))
    assert {utterance.speaker for utterance in draft.utterances} == {None}
    assert codes(draft) == ["files.without_speaker"]
    assert said(draft)[-2:] == [(None, "Ah ?"), (None, "Oui.")]


def test_sans_aucun_nom_la_seance_est_lue_et_la_personne_prevenue() -> None:
    draft = read(vtt("Bonjour.", "(silence 8 s)", "Bonjour."))
    assert [(n.code, n.line, n.params) for n in draft.notices] == [
        ("files.without_speaker", 5, {"count": 2, "total": 3})
    ]


# ---------------------------------------------------------------------------------------- text


def test_balises_entites_et_styles_sont_lus_et_les_notes_restent() -> None:
    draft = read(
        vtt(
            "<v P>{\\an8}J'ai <b>eu</b> <c.rouge>très</c> <00:00:00.500>peur &amp; froid &lt;3 [rire] <soupir></v>"
        )
    )
    assert said(draft) == [("P", "J'ai eu très peur & froid <3 [rire] <soupir>")]
    assert said(read(srt('P: <font color="#fff">Oui</font>, R&D, 2 < 3 et &notre'))) == [
        ("P", "Oui, R&D, 2 < 3 et &notre")
    ]


def test_un_signe_combinant_apres_une_balise_ne_la_casse_pas() -> None:
    assert said(read(vtt("<v T>\u0338oui</v>"))) == [("T", "\u0338oui")]
    assert said(read(vtt("<v T>de\u0301ja\u0300</v>"))) == [("T", "déjà")]


def test_les_sous_titres_defilants_perdent_leurs_repetitions() -> None:
    rows = ["Alors la semaine", "s'est bien passée", "sauf jeudi soir", "où j'ai rappelé", "mon frère"]
    rolling = vtt(*[rows[0], *(f"{a}\n{b}" for a, b in zip(rows, rows[1:]))])
    draft = read(rolling)
    assert turns(draft) == [(None, " ".join(rows))]
    assert ("files.subtitles_rolling", {"count": 4}) in [(n.code, n.params) for n in draft.notices]


def test_les_sous_titres_de_youtube_avec_temps_par_mot_se_lisent_une_fois() -> None:
    text = "WEBVTT\nKind: captions\nLanguage: fr-FR\n\n" + "\n\n".join([
        "00:00:00.000 --> 00:00:02.000 align:start position:0%\n \nje<00:00:00.500><c> dors</c><c> mal</c>",
        "00:00:02.000 --> 00:00:02.010 align:start position:0%\nje dors mal\n ",
        "00:00:02.010 --> 00:00:04.000 align:start position:0%\nje dors mal\ndepuis<00:00:03.000><c> lundi</c>",
        "00:00:04.000 --> 00:00:04.010 align:start position:0%\ndepuis lundi\n ",
        "00:00:04.010 --> 00:00:06.000 align:start position:0%\ndepuis lundi\net je crie",
    ])  # fmt: skip
    draft = read(text)
    assert turns(draft) == [(None, "je dors mal depuis lundi et je crie")]
    assert draft.language == "fr"


def test_des_sous_titres_qui_s_allongent_mot_a_mot_ne_gardent_que_la_suite() -> None:
    draft = read(vtt("je", "je dors", "je dors mal", "je dors mal depuis", "je dors mal depuis lundi"))
    assert turns(draft) == [(None, "je dors mal depuis lundi")]


def test_dire_deux_fois_oui_reste_dit_deux_fois() -> None:
    assert turns(read(vtt("<v P>Oui.", "<v P>Oui.", "<v P>Voilà, c'est ça.", "<v P>Je crois."))) == [
        ("P", "Oui. Oui. Voilà, c'est ça. Je crois.")
    ]


# ---------------------------------------------------------------------------------------- cues


@pytest.mark.parametrize(
    ("times", "start_s", "end_s"),
    [
        ("00:01:16,500 --> 00:01:18,250", 76.5, 78.25),
        ("01:16.500 --> 01:18.250 align:start line:0", 76.5, 78.25),
        ("1:01:16.5-->1:01:18", 3676.5, 3678.0),
        ("0:0:3.138 --> 0:0:3.618", 3.138, 3.618),
        ("100:00:00,000 --> 100:00:01,000", 360000.0, 360001.0),
    ],
)
def test_les_ecritures_du_temps_se_valent(times: str, start_s: float, end_s: float) -> None:
    for text in (f"1\n{times}\nT: Bonjour.\n", f"WEBVTT\n\nid-7\n{times}\nT: Bonjour.\n"):
        (utterance,) = read(text).utterances
        assert (utterance.start_s, utterance.end_s) == (start_s, end_s)


def test_entete_notes_styles_et_regions_ne_sont_pas_des_paroles() -> None:
    text = (
        "WEBVTT - Séance 4\nKind: captions\n\nNOTE relu par Ange\nle 4 mai\n\nSTYLE\n::cue { color: red }\n\n"
        "REGION\nid:bas\n\n1\n00:00:01.000 --> 00:00:02.000\n<v T>Bonjour.\n\nNOTE fin\n"
    )
    assert said(read(text)) == [("T", "Bonjour.")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_fins_de_ligne_et_encodages(end: str, encoding: str) -> None:
    draft = read(srt("T: Ça a été ?", "P: « Très » dur.").replace("\n", end).encode(encoding), "seance.srt")
    assert said(draft) == [("T", "Ça a été ?"), ("P", "« Très » dur.")]


def test_lignes_blanches_en_trop_ou_manquantes_ne_perdent_rien() -> None:
    tight = srt("T: Ça va ?", "P: Non.").replace("\n\n", "\n")
    assert said(read(tight)) == [("T", "Ça va ?"), ("P", "Non.")]
    loose = srt("T: Ça va ?", "P: Non.").replace("\n", "\n\n")
    assert said(read(loose)) == [("T", "Ça va ?"), ("P", "Non.")]
    inside = "1\n00:00:01,000 --> 00:00:02,000\nP: Non,\n\nvraiment pas.\n\n2\n00:00:02,000 --> 00:00:03,000\nT: Ah.\n"
    assert said(read(inside)) == [("P", "Non, vraiment pas."), ("T", "Ah.")]


def test_une_fleche_ou_un_nombre_dit_reste_du_texte() -> None:
    draft = read(srt("T: de la peur --> à la fuite", "P: 12\n40"))
    assert said(draft) == [("T", "de la peur --> à la fuite"), ("P", "12 40")]


def test_des_temps_abimes_sont_signales_a_leur_ligne_et_le_reste_est_lu() -> None:
    text = srt("T: Un.", "P: Deux.", "T: Trois.", "P: Quatre.").replace(
        "00:00:01,000 --> 00:00:02,000", "00:00:0x --> 00;00;02"
    )
    text = text.replace("00:00:03,000 --> 00:00:04,000", "00:00:03,000 --> 00:00:01,000")
    draft = read(text)
    assert [(u.text, u.start_s, u.end_s) for u in draft.utterances] == [
        ("Un.", 0.0, 1.0), ("Deux.", None, None), ("Trois.", 2.0, 3.0), ("Quatre.", 3.0, None),
    ]  # fmt: skip
    assert [(n.code, n.line, n.params) for n in draft.notices] == [
        ("files.subtitles_bad_times", 6, {"count": 2})
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "formats.empty_file"),
        (" \n\n", "formats.empty_file"),
        ("WEBVTT\n\n", "files.subtitles_no_cue"),
        ("T : Bonjour Ange.\nP : Bonjour.\n", "files.subtitles_no_cue"),
        (
            "1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:02,000 --> 00:00:03,000\n \n",
            "files.subtitles_no_text",
        ),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n<v T></v>\n", "files.subtitles_no_text"),
    ],
)
def test_ce_qui_ne_dit_rien_est_refuse_avec_sa_raison(text: str, code: str) -> None:
    with pytest.raises(TranscriptFormatError) as refusal:
        read(text)
    assert (refusal.value.code, refusal.value.file) == (code, "seance.vtt")
    assert "Ange" not in refusal.value.message("fr")


def test_un_megaoctet_dans_un_sous_titre_et_dix_mille_sous_titres_se_lisent_vite() -> None:
    start = time.perf_counter()
    assert len(read(srt("T: " + "<b oui, &amp " * 80_000)).utterances[0].text) > 900_000
    cues = "".join(
        f"{i}\n00:00:01,000 --> 00:00:02,000\n<v {'TP'[i % 2]}>Oui, non.\n\n" for i in range(10_000)
    )
    assert len(read(cues).utterances) == 10_000
    lines = "1\n00:00:01,000 --> 00:00:02,000\n" + "oui\n\n" * 10_000
    assert len(read(lines).utterances) == 1
    assert time.perf_counter() - start < 30


# ---------------------------------------------------------------------------------------- properties

speech = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="<>&{}\\:-–—‐[]()*_/#"),
    min_size=1, max_size=40,
).map(lambda text: " ".join(unicodedata.normalize("NFC", text).split())).filter(lambda text: any(map(str.isalpha, text)))  # fmt: skip
cues = st.lists(
    st.tuples(st.integers(0, 10**8), st.integers(0, 10**5), st.sampled_from(["T", "P", "Mme D."]), speech),
    min_size=1,
    max_size=6,
)


def clock(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{rest:03d}"


@settings(deadline=None)  # the first example pays for imports
@given(cues)
def test_ecrire_du_webvtt_puis_le_relire_redonne_textes_et_temps(
    cues: list[tuple[int, int, str, str]],
) -> None:
    text = "WEBVTT\n\n" + "".join(
        f"{clock(start, '.')} --> {clock(start + length, '.')}\n<v {speaker}>{said_}</v>\n\n"
        for start, length, speaker, said_ in cues
    )
    found = [(u.speaker, u.text, u.start_s, u.end_s) for u in read(text).utterances]
    assert found == [
        (speaker, said_, start / 1000, (start + length) / 1000) for start, length, speaker, said_ in cues
    ]


@settings(deadline=None)  # the first example pays for imports
@given(cues)
def test_ecrire_du_srt_puis_le_relire_redonne_textes_et_temps(cues: list[tuple[int, int, str, str]]) -> None:
    assume(
        not any(after[3].startswith(before[3]) for before, after in zip(cues, cues[1:]))
    )  # would be rolling captions
    text = "".join(
        f"{i}\r\n{clock(start, ',')} --> {clock(start + length, ',')}\r\n[{speaker}]: {said_}\r\n\r\n"
        for i, (start, length, speaker, said_) in enumerate(cues, start=1)
    )
    found = [(u.speaker, u.text, u.start_s, u.end_s) for u in read(text, "seance.srt").utterances]
    assert found == [
        (speaker, said_, start / 1000, (start + length) / 1000) for start, length, speaker, said_ in cues
    ]


# ---------------------------------------------------------------------------------------- samples


@pytest.mark.skipif(not SAMPLES.exists(), reason="échantillons absents")
@pytest.mark.parametrize(
    ("path", "speakers", "count"),
    [
        ("srt/podcastindex_en__example_excerpt.srt", {"Travis", "Sarah", "Gilon"}, 4),
        ("srt/testsnippet_speaker_styles.srt", {"SPEAKER_01", "ALICE", "BOB"}, 3),
        ("vtt/msteams_zoom__New_Teams_Format.vtt", {None}, 3),
        ("vtt/msteams_zoom__TeamsPremium.vtt", {"Charles", "Janaki"}, None),
        ("vtt/msteams_zoom__teams_transcript.vtt", {"Speaker, First (Student)", "Interviewer, First"}, None),
        ("vtt/nzilbb_en__abbreviated.vtt", {None}, 1),
        ("vtt/nzilbb_en__expected_clan.vtt", {"Nony_mouse", "Investigator"}, None),
        ("vtt/nzilbb_en__expected_simultaneous_speech.vtt", {"Participant 1", "Participant 2"}, 3),
        ("vtt/nzilbb_en__voices_class_only.vtt", {"speaker1", "speaker2"}, 3),
    ],
)
def test_les_fichiers_d_autres_programmes_se_lisent(
    path: str, speakers: set[str | None], count: int | None
) -> None:
    found = segment(read((SAMPLES / path).read_bytes(), path).utterances)
    assert {turn.speaker for turn in found} == speakers
    assert count is None or len(found) == count
    assert not any(sign in turn.text for turn in found for sign in ("-->", "<v", "</v>"))
