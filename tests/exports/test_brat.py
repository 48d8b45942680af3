"""brat, both ways: files that brat's own rules accept, and people's marks made in brat read as markers."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings

from alliance_nlp.batch.inputs import InputFile, find_inputs
from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.exports.base import ExportOptions
from alliance_nlp.exports.brat import annotation_conf, visual_conf
from alliance_nlp.exports.registry import find_export
from alliance_nlp.formats import SUFFIXES, read_bytes, read_sessions
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span, Transcript, Turn
from tests.exports.generated import sessions

AB = Origin(OriginKind.HUMAN, "AB")


def collection(transcript: Transcript) -> dict[str, str]:
    return {file.name: file.data.decode() for file in find_export("brat").write([transcript], ExportOptions())}


def pair(transcript: Transcript) -> tuple[str, str]:
    files = collection(transcript)
    return next(t for n, t in files.items() if n.endswith(".txt")), next(t for n, t in files.items() if n.endswith(".ann"))


def archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, text in files.items():
            made.writestr(name.replace("_", "."), text)
    return buffer.getvalue()


def read_back(text: str, annotations: str) -> Transcript:
    (transcript,) = read_bytes(archive(s_txt=text, s_ann=annotations), "collection.zip")
    return transcript


def check_by_brats_rules(text: str, annotations: str) -> None:
    """Fail where brat's server would: its format's rules on offsets, pieces, reference texts, ids and attribute values."""
    values = dict(re.findall(r"^(\S+)\tArg:\S+, Value:(\S+)$", annotation_conf(default_label_set()), flags=re.MULTILINE))
    lines = annotations.splitlines()  # as brat's server cuts them: at U+2028 and the like too
    ids = [line.partition("\t")[0] for line in lines]
    assert len(set(ids)) == len(ids)
    for line in lines:
        if line.startswith("T"):
            _, place, reference = line.split("\t", 2)
            kind, _, pieces = place.partition(" ")
            spans = [tuple(map(int, piece.split(" "))) for piece in pieces.split(";")]
            assert all(0 <= start < end <= len(text) for start, end in spans)
            assert all(one[1] <= other[0] for one, other in zip(spans, spans[1:]))
            assert " ".join(text[start:end] for start, end in spans) == reference and "\n" not in reference
        elif line.startswith("A"):
            match = re.fullmatch(r"A\d+\t(\S+) (T\d+)(?: (\S+))?", line)
            assert match and match[2] in ids and (match[3] is None or match[3] in values[match[1]].split("|"))
        else:
            assert re.fullmatch(r"#\d+\tAnnotatorNotes T\d+\t[^\n]+", line)


@settings(max_examples=25)
@given(sessions())
def test_brat_accepte_chaque_fichier_et_la_seance_revient(transcript):
    text, annotations = pair(transcript)
    check_by_brats_rules(text, annotations)
    again = read_back(text, annotations)
    assert [(t.speaker, t.text) for t in again.turns] == [(t.speaker, t.text) for t in transcript.turns]
    assert [t.markers for t in again.turns] == [t.markers for t in transcript.turns]
    assert {s.id: s.role for s in again.speakers} == {s.id: s.role for s in transcript.speakers if any(t.speaker == s.id for t in transcript.turns)}
    assert (again.session_id, again.metadata) == (transcript.session_id, transcript.metadata) and not again.warnings


def test_les_couleurs_et_les_noms_sont_ceux_du_codage(session_of):
    files = collection(session_of("P: <task>J'ai essayé.</task>"))
    assert sorted(files) == ["annotation.conf", "essai.ann", "essai.txt", "visual.conf"]
    for label in default_label_set().labels:
        assert f"{label.id}\tbgColor:{label.colour}" in files["visual.conf"] and label.fr in files["visual.conf"]
        assert f"\n{label.id}\n" in files["annotation.conf"]
    assert "goal agreement" in visual_conf(default_label_set(), "en")


def test_une_marque_deplacee_dans_brat_devient_celle_d_une_personne():
    model = Marker("task", Origin(OriginKind.MODEL, "m", "1"), probability=0.9, spans=(Span(0, 8),))
    text, annotations = pair(Transcript("s", (Turn(0, None, "D'accord, j'essaierai.", markers=(model, replace(model, label="bond"))),)))
    moved = annotations.replace("task 3 11\tD'accord", "task 3 25\tD'accord, j'essaierai.")
    assert moved != annotations
    task, bond = read_back(text, moved).turns[0].markers
    assert (task.origin.kind, task.probability, task.spans) == (OriginKind.HUMAN, None, (Span(0, 22),))
    assert bond == replace(model, label="bond")


def test_ce_que_quelqu_un_marque_dans_brat_est_lu(session_of):
    text, annotations = pair(session_of("T: On essaie ?", "P: Bof, si vous voulez."))
    start = text.index("Bof")
    added = f"T90\trupture {start} {start + 3};{start + 5} {start + 20}\tBof si vous voulez\nA90\tWithdrawal T90\nT91\tTransfert 0 1\tT\nR1\tsuit Arg1:T90 Arg2:T91\n"
    again = read_back(text, annotations + added)
    (marker,) = again.turns[1].markers
    assert (marker.label, marker.types, marker.origin.kind) == ("rupture", ("withdrawal",), OriginKind.HUMAN)
    assert marker.spans == (Span(0, 3), Span(5, 20))
    (notice,) = again.warnings
    assert notice.code == "exports.brat_aside" and notice.params == {"count": 2}


def test_une_marque_sur_deux_tours_en_devient_deux(session_of):
    text, annotations = pair(session_of("T: Oui.", "P: Merci."))
    again = read_back(text, f"{annotations}T90\tlien 3 16\tOui. P: Merci.\n".replace("3 16", "3 7;11 17"))
    assert [[(m.label, m.spans) for m in turn.markers] for turn in again.turns] == [[("bond", (Span(0, 4),))], [("bond", (Span(0, 6),))]]


def test_un_texte_de_quelqu_un_d_autre_passe_par_la_lecture_du_texte():
    text = "Thérapeute : On reprend le carnet ?\nPatient : Oui, je l'ai rempli.\n" * 3
    start = text.index("je l'ai rempli")
    again = read_back(text, f"T1\ttâche {start} {start + 14}\tje l'ai rempli\n")
    assert len(again.turns) == 6 and again.turns[1].speaker == "Patient"
    (marker,) = again.turns[1].markers
    assert marker.label == "task" and again.turns[1].text[marker.spans[0].start : marker.spans[0].end] == "je l'ai rempli"
    assert sum(len(turn.markers) for turn in again.turns) == 1


def test_le_ann_se_donne_par_son_chemin_et_le_txt_n_est_pas_lu_deux_fois(session_of, tmp_path):
    session = session_of("T: Bonjour.", "P: <bond>Merci de m'avoir attendu.</bond>")
    for name, text in collection(session).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (transcript,) = read_sessions(tmp_path / "essai.ann")
    assert [marker.label for turn in transcript.turns for marker in turn.markers] == ["bond"]
    assert [item.name for item in find_inputs([tmp_path], SUFFIXES)] == ["essai.ann"]


def test_un_ann_sans_son_texte_le_dit(tmp_path):
    with pytest.raises(TranscriptFormatError) as raised:
        read_bytes(b"T1\ttask 0 3\toui\n", "s.ann")
    assert ".txt" in raised.value.message("fr")
    (tmp_path / "s.ann").write_bytes(b"T1\ttask 0 3\toui\n")
    with pytest.raises(OSError):
        InputFile(tmp_path / "s.ann", "s.ann").read()
