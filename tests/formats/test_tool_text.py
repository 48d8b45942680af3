"""What aTrain, MAXQDA, NVivo, Descript, TranscribeMe, Zoom, Teams and Webex write, read as a person would read it."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance_nlp.formats import read_bytes
from alliance_nlp.formats.tool_text import as_typed
from alliance_nlp.transcript import Transcript
from tests.formats.talk_samples import codes_of, sample_transcript, turns_of

SAID = [  # speaker, seconds, text
    ("SPEAKER_00", 0, "On reprend le carnet ?"),
    ("SPEAKER_01", 3, "Oui, je l'ai rempli deux fois."),
    ("SPEAKER_01", 7, "C'était dur - enfin, le soir."),
    ("SPEAKER_00", 9, "Qu'est-ce qui était dur ?"),
    ("SPEAKER_01", 3725, "Le soir."),
]
TURNS = [
    ("SPEAKER_00", "On reprend le carnet ?"),
    ("SPEAKER_01", "Oui, je l'ai rempli deux fois. C'était dur - enfin, le soir."),
    ("SPEAKER_00", "Qu'est-ce qui était dur ?"),
    ("SPEAKER_01", "Le soir."),
]
NAMES = {"SPEAKER_00": "Anne Le Goff", "SPEAKER_01": "Marc (Externe)"}


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def session(text: str, name: str) -> Transcript:
    (transcript,) = read_bytes(text.encode(), name)
    return transcript


def renamed() -> list[tuple[str | None, str]]:
    return [(NAMES[speaker], text) for speaker, text in TURNS]


# ---------------------------------------------------------------------------------------- aTrain


def atrain(*, maxqda: bool = False, stamp: str = "") -> str:
    """Write a transcript as aTrain's ``create_txt_file`` does: headline, speakers alone on a line, stamps and a dash."""
    out = "Transcription for 2024-01-05 entretien" + ("" if maxqda else "\n")
    speaker = None
    for who, seconds, text in SAID:
        if who != speaker:
            out += ("\n\n" if maxqda else "\n") + who + "\n"
            speaker = who
        out += (stamp.format(clock(seconds)) + " - " if stamp else "") + text + (" " if maxqda else "\n")
    return out


@pytest.mark.parametrize(
    ("options", "timed"),
    [({}, False), ({"stamp": "[{}]"}, True), ({"stamp": "{}"}, True), ({"stamp": "[{}]", "maxqda": True}, True)],
)
def test_les_textes_d_atrain_donnent_les_memes_tours(options, timed) -> None:
    read = session(atrain(**options), "transcription.txt")
    assert turns_of(read) == TURNS
    assert [turn.start_s for turn in read.turns] == ([0.0, 3.0, 9.0, 3725.0] if timed else [None] * 4)


def test_le_json_d_atrain_donne_les_memes_tours() -> None:
    segments = [{"start": s, "end": s + 2, "text": f" {text}", "speaker": who} for who, s, text in SAID]
    assert turns_of(session(json.dumps({"segments": segments}), "transcription.json")) == TURNS


def test_le_tiret_apres_un_repere_n_est_retire_que_chez_atrain() -> None:
    lines = ["[00:00:03] - Oui.", "[00:00:05] - Non."]
    assert as_typed(lines) == lines


# ---------------------------------------------------------------------------------------- MAXQDA, NVivo


@pytest.mark.parametrize("layout", ["#{0}-1# {1}: {2}", "{0}.1{1}: {2}", "[{0}.1] {1}: {2}"])
def test_les_reperes_de_maxqda_avant_le_nom_sont_lus(layout) -> None:
    read = session("\n\n".join(layout.format(clock(s), who, text) for who, s, text in SAID), "maxqda.txt")
    assert turns_of(read) == TURNS
    assert [turn.start_s for turn in read.turns] == [0.1, 3.1, 9.1, 3725.1]


def test_les_reperes_de_maxqda_a_la_fin_disent_quand_la_parole_finit() -> None:
    read = session("\n".join(f"{who}: {text} #{clock(s + 2)}-4#" for who, s, text in SAID), "maxqda.txt")
    assert turns_of(read) == TURNS and [turn.end_s for turn in read.turns] == [2.4, 9.4, 11.4, 3727.4]


def nvivo(header: str, row: str) -> str:
    rows = (row.format(n, f"{clock(s)}.1 - {clock(s + 2)}.5", text, who) for n, (who, s, text) in enumerate(SAID, start=1))
    return "\n".join([*([header] if header else []), *rows])


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Timespan\tContent\tSpeaker", "{1}\t{2}\t{3}"),
        ("\tTimespan\tSpeaker\tContent", "{0}\t{1}\t{3}\t{2}"),
        ("", "{0}\t{1}\t{2}\t{3}"),
        ("", "{0}\t{1}\t{3}\t{2}"),
    ],
)
def test_les_lignes_de_nvivo_donnent_tours_et_temps_sans_avertir(header, row) -> None:
    read = session(nvivo(header, row), "nvivo.txt")
    assert turns_of(read) == TURNS
    assert [(turn.start_s, turn.end_s) for turn in read.turns] == [(0.1, 2.5), (3.1, 9.5), (9.1, 11.5), (3725.1, 3727.5)]
    assert [code for code in codes_of(read) if not code.startswith("speakers.")] == []


def test_l_export_nvivo_d_autrui_et_le_vtt_de_teams_sont_la_meme_conversation() -> None:
    """Teams2NVivo keeps whole seconds (half ones to keep order), so times are compared to the second."""
    table, vtt = sample_transcript("nvivo/nvivo_out__teams_transcript_correct.txt"), sample_transcript("vtt/msteams_zoom__teams_transcript.vtt")
    assert turns_of(table) == turns_of(vtt)
    assert all(abs((a.start_s or 0) - (b.start_s or 0)) < 1 for a, b in zip(table.turns, vtt.turns))
    assert "formats.content_differs" not in codes_of(table)


# ---------------------------------------------------------------------------------------- Zoom, Teams, Webex


def vtt(before: str = "", cue: str = "{text}", end: str = "") -> str:
    cues = []
    for number, (who, s, text) in enumerate(SAID, start=1):
        parts = {"n": number, "name": NAMES[who], "text": text}
        cues.append(f"{before.format(**parts)}{clock(s)}.000 --> {clock(s + 2)}.000\n{cue.format(**parts)}{end}\n")
    return "WEBVTT\n\n" + "\n".join(cues)


@pytest.mark.parametrize(
    ("before", "cue"),
    [
        ("{n}\n", "{name}: {text}"),  # Zoom
        ("", "<v {name}>{text}</v>"),  # Teams
        ("5b1f2c3d-1111-2222-3333-44445555666{n}/12-0\n", "<v.fort {name}>{text}</v>"),  # Teams Premium, a class
        ("NOTE Speaker: {name}\n\n{n}\n", "{text}"),
        ('{n} "{name}" (12345678)\n', "{text}"),  # Webex
        ("{n}\n", "{name}\n{text}"),  # the name on a row of its own
    ],
)
def test_les_vtt_de_zoom_teams_et_webex_donnent_les_memes_tours(before, cue) -> None:
    read = session(vtt(before, cue), "reunion.vtt")
    assert turns_of(read) == renamed()
    assert [turn.start_s for turn in read.turns] == [0.0, 3.0, 9.0, 3725.0]


def test_l_ancien_vtt_de_stream_est_lu_sans_locuteur_dans_sa_langue() -> None:
    text = vtt("NOTE Confidence: 0.9\n\n5b1f2c3d-1111-2222-3333-44445555666{n}\n").replace("WEBVTT\n", "WEBVTT\n\nNOTE language:en-us\n")
    read = session(text, "stream.vtt")
    assert [turn.text for turn in read.turns] == [text for _, _, text in SAID] and read.language == "en"
    assert "files.without_speaker" in codes_of(read)


def test_une_premiere_ligne_qui_revient_un_peu_n_est_pas_un_nom() -> None:
    cues = ["Oui\nje crois", "Oui\nvoilà", "Bien\nsûr", "Et le soir\nje dors mal", "Mais bon\nça va", "Je sais\npas trop"]
    body = "\n".join(f"00:00:{n:02d}.000 --> 00:00:{n + 1:02d}.000\n{cue}\n" for n, cue in enumerate(cues))
    assert {turn.speaker for turn in session("WEBVTT\n\n" + body, "a.vtt").turns} == {None}


@pytest.mark.parametrize("layout", ["{0} From  {1}  to  Everyone:\n\t{2}", "{0}\t From {1} : {2}", "{0} From {1} to Marie (Direct Message): {2}"])
def test_la_discussion_enregistree_par_zoom_est_lue(layout) -> None:
    read = session("\n".join(layout.format(clock(s), NAMES[who], text) for who, s, text in SAID), "meeting_saved_chat.txt")
    assert turns_of(read) == renamed()


# ---------------------------------------------------------------------------------------- files made by others


def test_les_textes_de_descript_transcribeme_et_qualcoder_sont_lus() -> None:
    descript, transcribeme, qualcoder = (
        sample_transcript(f"txt/{name}.txt") for name in ("nzilbb_en__descript", "nzilbb_en__transcribeme", "qualcoder_en__transcript")
    )
    assert [(t.start_s, t.end_s) for t in transcribeme.turns] == [(1.717, None), (4.395, None), (8.692, None), (75.835, 80.0)]
    assert [t.speaker for t in transcribeme.turns] == ["S1", "S2", "S1", "S2"]
    assert [t.speaker for t in qualcoder.turns] == ["id1", "id2", "id3", "id1", "id3", "id1", "id2"]
    assert not any("[" in turn.text for turn in descript.turns) and descript.turns[0].start_s == 0.0


def test_les_vtt_d_autrui_donnent_ce_qu_on_y_lit() -> None:
    expected = {
        "msteams_zoom__New_Teams_Format": (3, {None}),  # this generation of Teams says nobody's name
        "msteams_zoom__TeamsPremium": (10, {"Charles", "Janaki"}),
        "msteams_zoom__teams_transcript": (10, {"Speaker, First (Student)", "Interviewer, First"}),
        "nzilbb_en__abbreviated": (1, {None}),
        "nzilbb_en__expected_clan": (7, {"Nony_mouse", "Investigator"}),
        "nzilbb_en__expected_simultaneous_speech": (3, {"Participant 1", "Participant 2"}),
        "nzilbb_en__voices_class_only": (3, {"speaker1", "speaker2"}),
    }
    found = {name: sample_transcript(f"vtt/{name}.vtt") for name in expected}
    assert {name: (len(s.turns), {t.speaker for t in s.turns}) for name, s in found.items()} == expected


# ---------------------------------------------------------------------------------------- any text


@given(st.lists(st.text(alphabet="a:[]0123-# \tFromt\"é", max_size=40), max_size=8))
def test_les_numeros_de_ligne_tiennent_quel_que_soit_le_texte(lines) -> None:
    assert len(as_typed(lines)) == len(lines)
    assert len(as_typed(["Transcription for x", *lines])) == len(lines) + 1


@pytest.mark.parametrize("text", ["00:00:01 From " + "a" * 200_000, "1\t0:01 - 0:02\ta\tb\n" * 20_000, "Transcription for x\n" + "[00:00:00] - " * 50_000,
                                  "00:00:01 From " + " to " * 50_000 + ":"])  # fmt: skip
def test_un_texte_demesure_est_lu_vite(text) -> None:
    began = time.process_time()
    as_typed(text.split("\n"))
    assert time.process_time() - began < 5
