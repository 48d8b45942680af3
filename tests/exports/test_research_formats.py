"""The exchange formats of researchers who program, each opened by a reader that is not ours."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from alliance_nlp.exports.base import ExportOptions
from alliance_nlp.exports.registry import EXPORTS, find_export
from alliance_nlp.formats.coding import code_of
from alliance_nlp.formats.tei_standoff import TEI, is_ours, markers_of, speech_of, transcript_of
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span, Transcript, Turn
from tests.exports.generated import sessions

few = settings(max_examples=25)  # a quick round; what trips exports up is in every one


def files_of(export_id: str, transcripts: Iterable[Transcript], language: str = "fr") -> dict[str, bytes]:
    return {file.name: file.data for file in find_export(export_id).write(transcripts, ExportOptions(language))}


@pytest.fixture
def seance(session_of) -> Transcript:
    return session_of(
        "T: <task>On reprend le carnet 🙂, ça vous va ?</task>",
        "P: <withdrawal>Si vous voulez.</withdrawal> <bond>Ici je peux parler</bond>, <bond>vraiment</bond>.",
        "T: Hm.",
        session_id="séance 1",
    )


# ------------------------------------------------------------------------------------------ DocBin


def docs_of(transcripts):
    import spacy
    from spacy.tokens import DocBin

    (data,) = files_of("docbin", transcripts).values()
    return list(DocBin().from_bytes(data).get_docs(spacy.blank("fr").vocab))


def test_spacy_relit_les_tours_et_les_preuves(seance):
    (doc,) = docs_of([seance])
    assert doc.text.split("\n") == [turn.text for turn in seance.turns]
    assert [(span.text, span.label_) for span in doc.spans["turns"]] == [(t.text, seance.role_of(t).value) for t in seance.turns]
    assert [(span.label_, span.text) for span in doc.spans["alliance"]] == [
        ("task", "On reprend le carnet 🙂, ça vous va ?"), ("bond", "Ici je peux parler"), ("bond", "vraiment"), ("rupture", "Si vous voulez."),
    ]  # fmt: skip
    assert [span.label_ for span in doc.spans["alliance_types"]] == ["withdrawal"]
    details = doc.user_data["alliance"]
    assert details["session_id"] == "séance 1" and details["turns"][1]["speaker"] == "P"
    assert details["evidence"]["0.0"]["origin"] == {"kind": "authored", "name": "corpus", "version": None}


def test_une_preuve_qui_coupe_un_mot_garde_ses_caracteres_exacts():
    marker = Marker("bond", Origin(OriginKind.HUMAN, "AB"), spans=(Span(3, 6),))
    (doc,) = docs_of([Transcript("s", (Turn(0, None, "En confiance ici.", markers=(marker,)),))])
    (span,) = doc.spans["alliance"]
    detail = doc.user_data["alliance"]["evidence"][span.id_]
    assert span.text == "confiance" and doc.text[detail["start"] : detail["end"]] == "con"


@few
@given(st.lists(sessions(), max_size=3))
def test_spacy_donne_un_document_par_seance_et_couvre_chaque_preuve(transcripts):
    docs = docs_of(transcripts)
    assert [doc.user_data["alliance"]["session_id"] for doc in docs] == [t.session_id for t in transcripts]
    for doc, transcript in zip(docs, transcripts):
        assert doc.text == "\n".join(turn.text for turn in transcript.turns)
        assert len(doc.spans["alliance"]) == len(doc.user_data["alliance"]["evidence"])
        for span in doc.spans["alliance"]:
            detail = doc.user_data["alliance"]["evidence"][span.id_]
            shown = doc.text[detail["start"] : detail["end"]]
            start, end = detail["start"] + len(shown) - len(shown.lstrip(" ")), detail["end"] - len(shown) + len(shown.rstrip(" "))
            # The space between two tokens is in no span of spaCy's: all that is said is.
            assert span.label_ == detail["label"] and (start >= end or span.start_char <= start < end <= span.end_char)
            said = transcript.turns[detail["turn"]]
            assert shown in said.text


# ------------------------------------------------------------------------------------------ Parquet


def table_of(transcripts, language="fr"):
    parquet = pytest.importorskip("pyarrow.parquet")
    (data,) = files_of("parquet", transcripts, language).values()
    return parquet.read_table(io.BytesIO(data))


@few
@given(st.lists(sessions(), max_size=2))
def test_parquet_rend_chaque_tour_et_chaque_marqueur(transcripts):
    rows = table_of(transcripts).to_pylist()
    turns = [(transcript, turn) for transcript in transcripts for turn in transcript.turns]
    assert len(rows) == len(turns)
    for row, (transcript, turn) in zip(rows, turns):
        assert (row["session_id"], row["turn_index"], row["speaker"], row["text"]) == (transcript.session_id, turn.index, turn.speaker, turn.text)
        assert row["role"] == transcript.role_of(turn).value and row["start_s"] == turn.start_s
        assert json.loads(row["metadata"]) == transcript.metadata
        for marker, found in zip(turn.markers, row["markers"], strict=True):
            assert (found["label"], tuple(found["types"]), found["probability"]) == (marker.label, marker.types, marker.probability)
            assert (found["origin"]["kind"], found["origin"]["name"]) == (marker.origin.kind.value, marker.origin.name)
            assert [(s["start"], s["end"]) for s in found["spans"]] == [(s.start, s.end) for s in marker.spans]
            assert all(turn.text[s["start"] : s["end"]] == s["text"] for s in found["spans"])


@pytest.mark.parametrize(("language", "said"), [("fr", "secondes"), ("en", "seconds")])
def test_chaque_colonne_de_la_table_dit_ce_qu_elle_contient(seance, language, said):
    schema = table_of([seance], language).schema
    assert all(field.metadata and field.metadata[b"comment"] for field in schema)
    assert said in schema.field("start_s").metadata[b"comment"].decode()


@pytest.mark.slow
def test_datasets_charge_la_table(seance, tmp_path):
    datasets = pytest.importorskip("datasets")
    (data,) = files_of("parquet", [seance]).values()
    (tmp_path / "turns.parquet").write_bytes(data)
    loaded = datasets.load_dataset("parquet", data_files=str(tmp_path / "turns.parquet"), cache_dir=str(tmp_path / "cache"))["train"]
    assert loaded["text"][:] == [turn.text for turn in seance.turns]
    assert [marker["label"] for marker in loaded[1]["markers"]] == ["bond", "rupture"]


# ------------------------------------------------------------------------------------------ doccano and Prodigy


def tasks_of(export_id, transcripts):
    (data,) = files_of(export_id, transcripts).values()
    return [json.loads(line) for line in data.decode().split("\n") if line]


@few
@given(st.lists(sessions(), max_size=2))
def test_doccano_accepte_chaque_etiquette(transcripts):
    # The rules of doccano's importer: a text, and labels [start, end, name] with 0 <= start < end, none twice.
    for task, transcript in zip(tasks_of("doccano", transcripts), transcripts, strict=True):
        places = [tuple(label) for label in task["label"]]
        assert len(set(places)) == len(places)
        for start, end, name in places:
            assert 0 <= start < end <= len(task["text"]) and code_of(name) is not None
        for turn, start in zip(transcript.turns, task["turn_starts"], strict=True):
            assert task["text"][start : start + len(turn.text)] == turn.text


def test_doccano_montre_la_preuve_et_le_type(seance):
    (task,) = tasks_of("doccano", [seance])
    assert [(task["text"][a:b], name) for a, b, name in task["label"]] == [
        ("On reprend le carnet 🙂, ça vous va ?", "task"), ("Si vous voulez.", "rupture/withdrawal"), ("Ici je peux parler", "bond"), ("vraiment", "bond"),
    ]  # fmt: skip


@few
@given(st.lists(sessions(), max_size=2))
def test_les_spans_de_prodigy_sont_des_jetons_entiers_et_exacts(transcripts):
    for task in tasks_of("prodigy", transcripts):
        tokens = task["tokens"]
        assert [token["id"] for token in tokens] == list(range(len(tokens)))
        rebuilt = "".join(token["text"] + " " * token["ws"] for token in tokens)
        assert rebuilt == task["text"]  # as Prodigy shows it
        for token in tokens:
            assert task["text"][token["start"] : token["end"]] == token["text"]
        for span in task["spans"]:
            first, last = tokens[span["token_start"]], tokens[span["token_end"]]
            assert (first["start"], last["end"]) == (span["start"], span["end"])
            assert not first.get("disabled") and not last.get("disabled")


def test_prodigy_montre_le_contexte_sans_qu_on_puisse_le_coder(seance):
    first, second, _ = tasks_of("prodigy", [seance])
    assert second["text"].split("\n") == ["T: " + seance.turns[0].text, "P: " + seance.turns[1].text, "T: Hm."]
    assert "".join(t["text"] + " " * t["ws"] for t in second["tokens"] if not t.get("disabled")) == seance.turns[1].text
    assert first["meta"] == {"session_id": "séance 1", "turn": 0, "speaker": "T", "role": "therapist"}


# ------------------------------------------------------------------------------------------ ConvoKit


@few
@given(st.lists(sessions(), min_size=1, max_size=1))
def test_un_corpus_convokit_est_entier(transcripts):
    files = files_of("convokit", transcripts)
    assert sorted(files) == ["conversations.json", "corpus.json", "index.json", "speakers.json", "utterances.jsonl"]
    utterances = [json.loads(line) for line in files["utterances.jsonl"].decode().split("\n") if line]
    speakers, conversations, index = (json.loads(files[name]) for name in ("speakers.json", "conversations.json", "index.json"))
    assert [utterance["text"] for utterance in utterances] == [turn.text for t in transcripts for turn in t.turns]
    known = {utterance["id"] for utterance in utterances}
    assert len(known) == len(utterances)
    for utterance in utterances:
        assert set(utterance) == {"id", "conversation_id", "text", "speaker", "reply-to", "timestamp", "meta", "vectors"}
        assert utterance["conversation_id"] in conversations and utterance["speaker"] in speakers
        assert utterance["reply-to"] is None or utterance["reply-to"] in known
        assert isinstance(utterance["timestamp"], (int, float))
        assert set(utterance["meta"]) == set(index["utterances-index"])


def test_deux_patients_de_deux_seances_ne_sont_pas_une_personne(session_of):
    both = [session_of("P: <bond>Merci de m'avoir écouté.</bond>", session_id=name) for name in ("s1", "s2")]
    files = files_of("convokit", both)
    assert set(json.loads(files["speakers.json"])) == {"s1/P", "s2/P"}
    assert set(json.loads(files["conversations.json"])) == {"s1/0", "s2/0"}


# ------------------------------------------------------------------------------------------ TEI

NS = {"tei": "http://www.tei-c.org/ns/1.0"}


def tei_of(transcript, language="fr"):
    (data,) = files_of("tei", [transcript], language).values()
    return data


@few
@given(sessions())
def test_la_tei_rend_paroles_personnes_et_marqueurs(transcript):
    data = tei_of(transcript)
    plain = ElementTree.fromstring(data)  # the standard library's reader
    units = plain.findall(".//tei:u", NS)
    assert ["".join(unit.itertext()) for unit in units] == [turn.text for turn in transcript.turns]
    xml_id = "{http://www.w3.org/XML/1998/namespace}id"
    people = {p.get(xml_id): (p.find("tei:persName", NS).text, p.get("role")) for p in plain.findall(".//tei:person", NS)}
    assert sorted(people.values()) == sorted((s.id, s.role.value) for s in transcript.speakers)
    for unit, turn in zip(units, transcript.turns):
        assert (people[unit.get("who")[1:]][0] if unit.get("who") else None) == turn.speaker
    root = etree.fromstring(data)
    found = markers_of(root)
    assert found.unknown == 0
    for unit, turn in zip(root.iter(f"{TEI}u"), transcript.turns):
        assert speech_of(unit) == turn.text
        given_ = found.markers.get(unit.get(xml_id), ())
        assert [(m.label, m.types, m.origin, m.probability, m.spans) for m in given_] == [
            (m.label, m.types, m.origin, m.probability, m.spans) for m in turn.markers
        ]


@few
@given(sessions())
def test_une_seance_revient_entiere_de_sa_tei(transcript):
    root = etree.fromstring(tei_of(transcript))
    again = transcript_of(root)
    assert is_ours(root)
    assert [replace(t, markers=tuple(replace(m, extra={}) for m in t.markers)) for t in again.turns] == list(transcript.turns)
    assert (again.session_id, again.speakers, again.metadata) == (transcript.session_id, transcript.speakers, transcript.metadata)
    assert not again.warnings


@few
@given(sessions())
def test_aucun_pointeur_de_la_tei_ne_tombe_dans_le_vide(transcript):
    root = ElementTree.fromstring(tei_of(transcript))
    ids = [element.get("{http://www.w3.org/XML/1998/namespace}id") for element in root.iter()]
    ids = [ident for ident in ids if ident]
    assert len(set(ids)) == len(ids)
    for element in root.iter():
        for name in ("who", "start", "end", "from", "to", "target", "ana", "resp", "inst", "since", "origin"):
            assert {pointer[1:] for pointer in element.get(name, "").split()} <= set(ids), name


def test_les_temps_de_la_tei_sont_sur_une_ligne_de_temps(session_of):
    turns = (Turn(0, None, "Bonjour.", 1.5, 3.25), Turn(1, None, "Oui."), Turn(2, None, "Bien.", 3.25, 4.0))
    root = ElementTree.fromstring(tei_of(Transcript("s", turns)))
    when = {w.get("{http://www.w3.org/XML/1998/namespace}id"): w.get("interval") for w in root.findall(".//tei:when", NS)}
    units = root.findall(".//tei:u", NS)
    assert [[when[u.get(side)[1:]] for side in ("start", "end")] for u in units if u.get("start")] == [["1.5", "3.25"], ["3.25", "4.0"]]
    assert units[1].get("start") is None


def test_l_entete_est_en_francais_et_le_codage_y_est(seance):
    text = tei_of(seance).decode()
    assert "Document de travail" in text and 'xml:id="alliance.withdrawal"' in text
    for label in default_label_set().labels:
        assert f'xml:id="alliance.{label.id}"' in text and label.fr in text


def test_une_tei_ne_contient_pas_ce_que_xml_refuse():
    from alliance_nlp.errors import TranscriptFormatError

    with pytest.raises(TranscriptFormatError) as raised:
        tei_of(Transcript("s", (Turn(0, None, "un\x0bdeux"),)))
    assert "U+000B" in raised.value.message("fr") and "tour 0" in raised.value.message("fr") and "deux" not in raised.value.message("fr")


# ------------------------------------------------------------------------------------------ all


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.id)
def test_un_export_ne_change_pas_d_une_fois_a_l_autre(export, seance):
    if export.extra:
        pytest.importorskip({"parquet": "pyarrow", "word": "docx", "inception": "cassis"}.get(export.extra, export.extra))
    first, second = (list(export.write([seance], ExportOptions())) for _ in range(2))
    assert [file.name for file in first] == [file.name for file in second]
    assert all(file.name and not re.search(r"\.\.|^/|\\", file.name) for file in first)
