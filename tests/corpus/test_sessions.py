"""The corpus that is trained and measured on: readable, within the scheme, its splits kept apart, loadable."""

import json
import shutil
from pathlib import Path

import pytest

from alliance_nlp.corpus.check import Report, check_corpus
from alliance_nlp.corpus.check_table import render_check
from alliance_nlp.corpus.folder import SPLITS, corpus_folder, read_cards, read_splits
from alliance_nlp.corpus.stats import count, is_ordinary
from alliance_nlp.errors import ConfigError


@pytest.fixture(scope="module")
def report() -> Report:
    return check_corpus()


def test_le_corpus_livre_n_a_aucun_defaut(report):
    assert [notice.message("fr") for notice in report.problems] == []


def test_ce_qui_manque_est_dit_et_les_parts_sont_tenues(report):
    """Targets that are only a matter of writing more may be short; shares may not."""
    short = {notice.params["key"] for notice in report.short}
    assert not short & {"untagged_share", "ordinary_share", "asr_share"}


def test_chaque_partie_a_de_la_parole_ordinaire_et_tous_les_marqueurs(report):
    for split in SPLITS:
        counts = count(report.splits[split])
        assert counts.ordinary >= 1 and min(counts.tags.values()) > 0
        assert 0.60 <= counts.untagged_share <= 0.80
        assert not any(turn.markers for s in report.splits[split] if is_ordinary(s) for turn in s.turns)


def test_chaque_marque_a_sa_preuve(report):
    for session in (s for sessions in report.splits.values() for s in sessions):
        for turn in session.turns:
            for marker in turn.markers:
                assert marker.spans and all(turn.text[span.start : span.end].strip() for span in marker.spans)


def test_le_compte_se_lit_dans_les_deux_langues(report):
    for language in ("fr", "en"):
        shown = render_check(report, language)
        assert "confrontation" in shown and str(sum(counts.turns for counts in report.counts.values())) in shown


# ------------------------------------------------------------------------------------ the check finds what is wrong


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A corpus of six sessions, two a split, copied from the real one."""
    place, real = tmp_path / "corpus", corpus_folder()
    (place / "sessions").mkdir(parents=True)
    splits = {split: names[:2] for split, names in read_splits().items()}
    for name in (name for split in SPLITS for name in splits[split]):
        shutil.copy(real / "sessions" / f"{name}.txt", place / "sessions")
    (place / "splits.json").write_text(json.dumps({split: splits[split] for split in SPLITS}), encoding="utf-8")
    names = {name for split in SPLITS for name in splits[split]}
    cards = [json.dumps(card) for name, card in read_cards().items() if name in names]
    (place / "cards.jsonl").write_text("\n".join(cards) + "\n", encoding="utf-8")
    return place


def codes(place: Path) -> set[str]:
    return {notice.code.partition(".")[2] for notice in check_corpus(place).problems}


def session_file(place: Path, split: str = "train") -> Path:
    return place / "sessions" / f"{read_splits(place)[split][0]}.txt"


def add_line(path: Path, line: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")


def speakers(path: Path) -> dict[str, str]:
    """Roles → labels."""
    meta = json.loads(path.read_text(encoding="utf-8").split("\n")[0][6:])
    return {role: label for label, role in meta["speakers"].items()}


def test_le_petit_corpus_est_propre(small):
    assert codes(small) == set()
    assert check_corpus(small).short == ()  # no targets.toml here


def test_une_rupture_du_therapeute_est_vue(small):
    path = session_file(small)
    who = speakers(path)
    add_line(path, f"{who['patient']}: Bon.\n{who['therapist']}: <withdrawal>Passons.</withdrawal>")
    found = codes(small)
    assert "wrong_role" in found


def test_un_hm_hm_marque_est_vu(small):
    path = session_file(small)
    who = speakers(path)
    add_line(path, f"{who['therapist']}: Alors.\n{who['patient']}: <task>Mm-hmm.</task>")
    assert "tag_on_a_sound" in codes(small)


def test_un_locuteur_qui_parle_deux_fois_est_vu(small):
    path = session_file(small)
    who = speakers(path)
    add_line(path, f"{who['patient']}: Oui.\n{who['patient']}: Et encore.")
    assert "speaker_twice" in codes(small)


def test_une_preuve_partagee_entre_deux_parties_est_vue(small):
    line = "<bond>je vous garde la fenêtre du fond comme on garde une place au cinéma</bond>"
    for split in ("train", "test"):
        path = session_file(small, split)
        who = speakers(path)
        add_line(path, f"{who['patient']}: Oh.\n{who['therapist']}: {line}")
    assert "evidence_in_two_splits" in codes(small)


def test_une_seance_hors_partage_ou_illisible_est_vue(small):
    path = session_file(small)
    (path.parent / "s999.txt").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    add_line(path, "X: personne")
    assert {"in_no_split", "unreadable"} <= codes(small)


def test_un_redacteur_dans_deux_parties_est_vu(small):
    cards = [{**card, "writer": 1} for card in read_cards(small).values()]
    (small / "cards.jsonl").write_text("\n".join(map(json.dumps, cards)) + "\n", encoding="utf-8")
    assert "shared_between_splits" in codes(small)


def test_un_dossier_qui_n_est_pas_un_corpus_est_dit(tmp_path):
    with pytest.raises(ConfigError, match="splits.json"):
        check_corpus(tmp_path)


def test_un_objectif_manque_est_dit(small):
    (small / "targets.toml").write_text("[targets]\nsessions = [400, inf]\nturns = [1, inf]\n", encoding="utf-8")
    assert [notice.params["key"] for notice in check_corpus(small).short] == ["sessions"]


# ------------------------------------------------------------------------------------ records


def test_les_fiches_se_chargent_avec_datasets(small, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    from datasets import load_dataset

    from alliance_nlp.corpus.build import build_records
    from alliance_nlp.formats import read_sessions

    written = dict(build_records(tmp_path / "records", small))
    assert {path.name: n for path, n in written.items()} == {"train.jsonl": 2, "validation.jsonl": 2, "test.jsonl": 2}
    files = {split: str(tmp_path / "records" / f"{split}.jsonl") for split in SPLITS}
    loaded = load_dataset("json", data_files=files, cache_dir=str(tmp_path / "cache"))
    for split in SPLITS:
        sessions = read_sessions(Path(files[split]))
        assert [len(turns) for turns in loaded[split]["turns"]] == [len(session.turns) for session in sessions]
        assert loaded[split]["session_id"] == read_splits(small)[split]


def test_une_lecture_perimee_est_dite_et_n_arrete_pas_la_verification(small):
    name = read_splits(small)["test"][0]
    row = {"session_id": name, "reader": "x", "text_sha256": "autre", "tags": []}
    (small / "readings").mkdir()
    (small / "readings" / "second.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (small / "targets.toml").write_text("[targets]\nread_twice_held_out_share = [1, 1]\n", encoding="utf-8")
    report = check_corpus(small)
    assert [notice.code for notice in report.problems] == ["corpus.bad_reading"]
    assert [notice.params["found"] for notice in report.short] == [0.25]
