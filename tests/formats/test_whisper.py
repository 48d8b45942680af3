"""Speech recognisers' JSON: whisper, faster-whisper, WhisperX, whisper.cpp, Hugging Face, podcast index."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats import whisper
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.segmentation import segment

SAMPLES = Path(__file__).resolve().parents[3] / "shared/samples/formats/json"


def read(document: object) -> Draft:
    data = json.dumps(document, ensure_ascii=False).encode()
    (draft,) = whisper.read(data, "seance.json", ReadOptions())
    assert isinstance(draft, Draft)
    return draft


def said(draft: Draft) -> list[tuple[str | None, str]]:
    return [(utterance.speaker, utterance.text) for utterance in draft.utterances]


def word(text: str, speaker: str | None = None, **times: float) -> dict[str, object]:
    return {"word": text, **times} | ({} if speaker is None else {"speaker": speaker})


def test_les_segments_de_whisperx_gardent_locuteurs_temps_et_langue() -> None:
    draft = read({
        "language": "fr",
        "segments": [
            {"start": 0.36, "end": 2.1, "text": " Comment s'est passée la semaine ?", "speaker": "SPEAKER_00"},
            {"start": 2.5, "end": 4.0, "text": " Plutôt mal.", "speaker": "SPEAKER_01"},
        ],
    })  # fmt: skip
    assert said(draft) == [("SPEAKER_00", "Comment s'est passée la semaine ?"), ("SPEAKER_01", "Plutôt mal.")]
    assert [(u.start_s, u.end_s, u.line) for u in draft.utterances] == [(0.36, 2.1, 1), (2.5, 4.0, 2)]
    assert (draft.language, draft.encoding, draft.notices) == ("fr", "utf-8", ())


def test_sans_locuteur_la_seance_est_lue_et_la_personne_prevenue() -> None:
    draft = read(
        {"segments": [{"start": 0, "end": 1, "text": "Bonjour."}, {"start": 1, "end": 2, "text": "Bonjour."}]}
    )
    assert said(draft) == [(None, "Bonjour."), (None, "Bonjour.")]
    assert [notice.code for notice in draft.notices] == ["files.whisper_without_speaker"]
    assert draft.notices[0].params == {"count": 2, "total": 2}


def test_un_segment_sans_locuteur_prend_celui_de_ses_mots() -> None:
    words = [word("Je", "P"), word("ne"), word("dors", "P"), word("plus.", "P")]
    assert said(read({"segments": [{"text": "Je ne dors plus.", "words": words}]})) == [
        ("P", "Je ne dors plus.")
    ]


def test_un_segment_est_coupe_la_ou_ses_mots_changent_de_locuteur() -> None:
    words = [
        word("Et", "T", start=1.0, end=1.2), word("le", "T", start=1.2, end=1.3), word("carnet ?", "T", start=1.3, end=1.9),
        word("Je", "P", start=2.2, end=2.3), word("l'ai"), word("rempli.", "P", start=2.5, end=3.0),
    ]  # fmt: skip
    segment_ = {
        "start": 1.0,
        "end": 3.1,
        "text": "Et le carnet ? Je l'ai rempli.",
        "words": words,
        "speaker": "T",
    }
    draft = read({"segments": [segment_]})
    assert said(draft) == [("T", "Et le carnet ?"), ("P", "Je l'ai rempli.")]
    assert [(u.start_s, u.end_s, u.line) for u in draft.utterances] == [(1.0, 1.9, 1), (2.2, 3.0, 1)]


def test_un_segment_renomme_a_la_main_garde_son_nom() -> None:
    words = [word("D'accord,", "SPEAKER_00"), word("merci.", "SPEAKER_01")]
    draft = read([{"text": "D'accord, merci.", "words": words, "speaker": "Thérapeute"}])
    assert said(draft) == [("Thérapeute", "D'accord, merci.")]


def test_des_mots_qui_ne_suivent_pas_le_texte_donnent_leur_majorite() -> None:
    words = [word("Vingt-deux", "P"), word("ans", "P"), word("euh", "T")]
    assert said(read([{"text": "22 ans.", "words": words}])) == [("P", "22 ans.")]


def test_des_mots_seuls_forment_des_passages_par_locuteur_et_par_silence() -> None:
    words = [
        word("Vous", "T", start=0.0, end=0.2), word("souriez.", "T", start=0.2, end=0.9),
        word("Oui.", "P", start=1.0, end=1.2), word("Un", "P", start=5.0, end=5.1), word("peu.", "P", start=5.1, end=5.4),
    ]  # fmt: skip
    draft = read({"word_segments": words})
    assert said(draft) == [("T", "Vous souriez."), ("P", "Oui."), ("P", "Un peu.")]
    assert [(u.start_s, u.end_s) for u in draft.utterances] == [(0.0, 0.9), (1.0, 1.2), (5.0, 5.4)]


def test_les_mots_ranges_a_cote_des_segments_leur_sont_rendus_par_les_temps() -> None:
    draft = read({
        "segments": [{"start": 0, "end": 1, "text": "Ça va ?"}, {"start": 2, "end": 3, "text": "Non."}],
        "word_segments": [word("Ça", "T", start=0.1), word("va ?", "T", start=0.4), word("Non.", "P", start=2.1)],
    })  # fmt: skip
    assert said(draft) == [("T", "Ça va ?"), ("P", "Non.")]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param([{"start": 1.0, "end": 2.5, "text": " Je reviens."}], id="faster-whisper, liste"),
        pytest.param({"text": "…", "segments": [{"start": 1, "end": 2.5, "text": "Je reviens.", "tokens": [1]}]}, id="whisper"),
        pytest.param({"segments": [{"startTime": 1, "endTime": 2.5, "body": "Je reviens."}]}, id="podcast index"),
        pytest.param({"text": "…", "chunks": [{"timestamp": [1.0, 2.5], "text": " Je reviens."}]}, id="Hugging Face"),
        pytest.param(
            {"result": {"language": "fr"}, "transcription": [
                {"timestamps": {"from": "00:00:01,000", "to": "00:00:02,500"}, "text": " Je reviens."}]},
            id="whisper.cpp",
        ),
    ],
)  # fmt: skip
def test_les_autres_formes_connues_se_lisent_de_meme(document: object) -> None:
    (utterance,) = read(document).utterances
    assert (utterance.text, utterance.start_s, utterance.end_s) == ("Je reviens.", 1.0, 2.5)


def test_la_langue_ecrite_en_toutes_lettres_devient_un_code() -> None:
    segments = [{"text": "Bonjour."}]
    assert read({"language": "french", "segments": segments}).language == "fr"
    assert read({"language_code": "pt_BR", "segments": segments}).language == "pt"
    assert read({"segments": segments}).language == "fr"


def test_les_temps_absents_ou_faux_restent_vides_et_sont_signales() -> None:
    data = b'[{"start": NaN, "end": "00:00:02,5", "text": "Oui.", "speaker": "P"}, {"start": -1, "end": null, "text": "Non.", "speaker": "P"}]'
    (draft,) = whisper.read(data, "seance.json", ReadOptions())
    assert [(u.start_s, u.end_s) for u in draft.utterances] == [(None, 2.5), (None, None)]
    assert {n.code: n.params["count"] for n in draft.notices} == {
        "files.whisper_text_times": 1,
        "files.bad_times": 2,
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"segments": [{"text": "Je', "files.json_invalid"),
        ('{"nom": "Ange", "mots": 3}', "files.whisper_not_segments"),
        ('"Bonjour"', "files.whisper_not_segments"),
        ("[1, 2]", "files.whisper_bad_segment"),
        ('{"segments": [{"start": 0}]}', "files.whisper_bad_segment"),
        ('{"segments": []}', "files.whisper_no_text"),
        ('{"segments": [{"text": "  "}]}', "files.whisper_no_text"),
        ("[" * 100_000, "files.whisper_not_segments"),
        ("  \n", "formats.empty_file"),
    ],
)
def test_un_autre_json_est_refuse_sans_citer_son_contenu(text: str, code: str) -> None:
    with pytest.raises(TranscriptFormatError) as refusal:
        whisper.read(text.encode(), "seance.json", ReadOptions())
    assert (refusal.value.code, refusal.value.file) == (code, "seance.json")
    assert "Ange" not in refusal.value.message("fr")


def test_un_json_tronque_est_refuse_avec_sa_ligne() -> None:
    with pytest.raises(TranscriptFormatError) as refusal:
        whisper.read(b'{"segments": [\n{"text": "Bon', "seance.json", ReadOptions())
    assert refusal.value.line == 2


def test_dix_mille_segments_se_lisent_en_temps_lineaire() -> None:
    words = [word("Oui", "P"), word("non", "T")]
    segments = [{"start": i, "end": i + 1, "text": "Oui non", "words": words} for i in range(10_000)]
    start = time.perf_counter()
    assert len(read(segments).utterances) == 20_000
    assert time.perf_counter() - start < 10


@settings(deadline=None)  # the first example pays for imports
@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(["T", "P", None]), st.text("abcé 😀«»?", min_size=1).filter(str.strip)),
            min_size=1, max_size=6,
        ),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_couper_par_les_mots_ne_perd_aucun_mot(segments: list[list[tuple[str | None, str]]]) -> None:
    document = [
        {
            "text": " ".join(text for _, text in words),
            "words": [word(text, speaker) for speaker, text in words],
        }
        for words in segments
    ]
    texts = [utterance.text for utterance in read(document).utterances]
    assert "".join("".join(texts).split()) == "".join("".join(str(item["text"]) for item in document).split())
    assert all(text == text.strip() for text in texts)


@pytest.mark.skipif(not SAMPLES.exists(), reason="échantillons absents")
@pytest.mark.parametrize(
    ("name", "speakers", "first_s"),
    [
        ("fave_whisperx_en__TestAudio_SnoopDogg_85SouthMedia.json", {None}, 0.0),
        ("fave_whisperx_en__TestAudio_SnoopDogg_85SouthMedia_segments.json", {"SPEAKER_00", "SPEAKER_01", "SPEAKER_02"}, 0.362),
        ("podcastindex__example.json", {"Darth Vader", "Luke"}, 0.5),
    ],
)  # fmt: skip
def test_les_fichiers_d_autres_programmes_se_lisent(
    name: str, speakers: set[str | None], first_s: float
) -> None:
    (draft,) = whisper.read((SAMPLES / name).read_bytes(), name, ReadOptions())
    assert isinstance(draft, Draft)
    assert {utterance.speaker for utterance in draft.utterances} == speakers
    assert segment(draft.utterances)[0].start_s == first_s
