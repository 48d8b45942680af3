"""Which files of a folder are read."""

import pytest

from alliance_nlp.batch.inputs import find_inputs
from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats import SUFFIXES, read_bytes


@pytest.mark.parametrize(
    ("beside", "talk"),
    [("markers.csv", "turns.csv"), ("labelling_config.xml", "tasks.json"), ("TypeSystem.xml", "documents/a.xmi"), ("layers.json", "a.xmi")],
)
def test_ce_qu_un_export_met_à_côté_des_paroles_n_est_pas_une_séance(tmp_path, beside, talk):
    for name in (beside, talk):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("…")
    assert [item.name for item in find_inputs([tmp_path], SUFFIXES)] == [talk]
    (tmp_path / talk).unlink()
    assert [item.name for item in find_inputs([tmp_path], SUFFIXES)] == [beside]  # alone, it is tried
    assert [item.name for item in find_inputs([tmp_path / beside], SUFFIXES)] == [beside]


def test_un_xml_sans_déclaration_n_est_pas_lu_comme_des_paroles():
    with pytest.raises(TranscriptFormatError, match="XML"):
        read_bytes(b"<View>\n  <Label value='but'/>\n  <Text name='t'/>\n</View>\n", "configuration.xml")
    (talk,) = read_bytes("<task>D'accord.</task>\n<task>Oui.</task>".encode(), "notes.txt")
    assert len(talk.turns) == 2
