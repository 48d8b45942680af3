"""The search for identifying information beside the tagger: same findings, whatever happens to the second process."""

from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from alliance_nlp import privacy
from alliance_nlp.batch.beside import second_process
from alliance_nlp.pipeline import annotate_all
from alliance_nlp.transcript import Transcript, Turn


def is_imported(name: str) -> bool:
    import sys

    return sys.modules.get(name) is not None


@pytest.fixture
def named_session() -> Transcript:
    return Transcript("essai", turns=(Turn(0, None, "Bonjour."), Turn(1, None, "Hier, Julie Bertrand m'a appelée.")))


@pytest.mark.slow
def test_dans_un_second_processus_la_recherche_trouve_la_meme_chose_et_sans_torch(named_session):
    with second_process() as beside:
        report = beside.submit(privacy.scan, named_session).result()
        assert report == privacy.scan(named_session) and report.serious
        assert not beside.submit(is_imported, "torch").result()


def test_un_second_processus_mort_ne_perd_rien(named_session, tiny_tagger):
    class Dead(Executor):
        def submit(self, *arguments, **options):
            future: Future = Future()
            future.set_exception(BrokenProcessPool("mort"))
            return future

    (annotated,) = annotate_all([named_session], lambda: tiny_tagger, beside=Dead())
    assert [notice.code for notice in annotated.warnings] == ["privacy.found"]


def test_sans_mot_qui_puisse_etre_un_nom_spacy_n_est_pas_charge(monkeypatch):
    def refuse():
        raise AssertionError("spaCy n'a rien à chercher ici")

    monkeypatch.setattr(privacy, "load_pipeline", refuse)
    plain = Transcript("essai", turns=(Turn(0, None, "Bonjour. Vous avez dormi ?"), Turn(1, None, "L'IRM, c'est lundi.")))
    assert not privacy.scan(plain).findings
