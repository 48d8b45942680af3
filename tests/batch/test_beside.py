"""The search for identifying information beside the tagger: same findings, whatever happens to the second process."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from alliance_nlp import privacy
from alliance_nlp.batch.beside import SecondProcess
from alliance_nlp.pipeline import annotate_all
from alliance_nlp.transcript import Transcript, Turn


def is_imported(name: str) -> bool:
    return sys.modules.get(name) is not None


@pytest.fixture
def named_session() -> Transcript:
    return Transcript("essai", turns=(Turn(0, None, "Bonjour."), Turn(1, None, "Hier, Julie Bertrand m'a appelée.")))


@pytest.mark.slow
def test_dans_un_SecondProcessus_la_recherche_trouve_la_meme_chose_et_sans_torch(named_session):
    with SecondProcess() as beside:
        report = beside.submit(privacy.scan, named_session).result()
        assert report == privacy.scan(named_session) and report.serious
        assert not beside.submit(is_imported, "torch").result()


def test_un_SecondProcessus_mort_ne_perd_rien(named_session, tiny_tagger):
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


@pytest.mark.slow
def test_un_second_processus_tue_entre_deux_fichiers_n_arrete_pas_la_suite(named_session, tiny_tagger):
    with SecondProcess() as beside:
        os.kill(beside.submit(os.getpid).result(), signal.SIGKILL)
        for _ in range(2):  # the file during which it died, and the next
            (annotated,) = annotate_all([named_session], lambda: tiny_tagger, beside=beside)
            assert [notice.code for notice in annotated.warnings] == ["privacy.found"]


@pytest.mark.slow
def test_une_suite_interrompue_n_attend_pas_les_recherches_en_attente():
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), SecondProcess() as beside:
        beside.submit(os.getpid).result()
        for _ in range(3):
            beside.submit(time.sleep, 60)
        raise KeyboardInterrupt
    assert time.monotonic() - began < 45


@pytest.mark.slow
def test_le_second_processus_finit_avec_le_premier_meme_tue():
    code = (
        "import os, signal, sys\n"
        "from alliance_nlp.batch.beside import SecondProcess\n"
        "if __name__ == '__main__':\n"
        "    beside = SecondProcess(); print(beside.submit(os.getpid).result(), flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    second = int(done.stdout)
    for _ in range(100):
        if not alive(second):
            return
        time.sleep(0.2)
    pytest.fail("le second processus vit encore")


def alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{number}/stat").read_text().split(")")[-1].split()[0] == "Z" if Path("/proc").is_dir() else True
