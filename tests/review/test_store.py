"""The store: appended decisions, two tabs, groups, finishing, settling; what must not be lost."""

import sqlite3
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest

from alliance_nlp.errors import AllianceError, ConfigError, LabelError, StoreError
from alliance_nlp.review import migrations
from alliance_nlp.review.decisions import Action, StaleDecision, Status
from alliance_nlp.review.store import ReviewStore
from alliance_nlp.transcript import Marker, Origin, OriginKind, Span
from tests.review.conftest import LINES, machine_session

BY = Origin(OriginKind.HUMAN, "?")


def labels(store, turn, reviewer="A"):
    return [marker.label for marker in store.turn_state("s1", turn, reviewer).standing]


def test_accepter_fait_du_marqueur_de_la_machine_celui_de_la_personne(store):
    store.decide("s1", 0, "A", "accept", marker="task", seen=0)
    (item,) = store.turn_state("s1", 0, "A").markers
    assert item.status is Status.ACCEPTED and item.marker.origin == Origin(OriginKind.HUMAN, "A")
    assert item.marker.probability is None and item.original.probability == 0.9
    assert store.turn_state("s1", 0, "B").own == ()  # l'autre relecteur n'en voit rien


def test_changer_d_étiquette_de_type_ou_d_empan_garde_le_reste(store):
    first = store.decide("s1", 3, "A", "change", marker="rupture", types=("confrontation",), seen=0)
    second = store.decide("s1", 3, "A", "change", marker="rupture", spans=(Span(5, 19),), seen=first.sequence)
    (marker,) = store.turn_state("s1", 3, "A").own
    assert (marker.types, marker.spans) == (("confrontation",), (Span(5, 19),))
    store.decide("s1", 3, "A", "change", marker="rupture", label="bond", seen=second.sequence)
    (marker,) = store.turn_state("s1", 3, "A").own
    assert (marker.label, marker.types, marker.spans) == ("bond", (), (Span(5, 19),))


def test_ajouter_puis_écarter_ce_qu_on_a_ajouté(store):
    added = store.decide("s1", 2, "A", "add", label="bond", spans=(Span(0, 5),), seen=0)
    assert labels(store, 2) == ["bond"]
    store.decide("s1", 2, "A", "reject", marker=f"+{added.sequence}", seen=added.sequence)
    assert labels(store, 2) == []


def test_dans_deux_onglets_la_deuxième_décision_est_refusée_avec_la_première(store):
    first = store.decide("s1", 0, "A", "accept", marker="task", seen=0)
    with pytest.raises(StaleDecision) as refused:
        store.decide("s1", 0, "A", "reject", marker="task", seen=0)
    assert refused.value.newer == first and labels(store, 0) == ["task"]
    store.decide("s1", 0, "B", "reject", marker="task", seen=0)  # une autre personne : indépendante
    store.decide("s1", 1, "A", "reject", marker="task", seen=0)  # un autre tour : rien à voir
    store.decide("s1", 0, "A", "comment", comment="hésitation", seen=0)  # un commentaire n'écrase rien
    store.decide("s1", 0, "A", "reject", marker="task", seen=first.sequence)  # et ne périme rien


def test_annuler_et_refaire_sans_limite(store):
    store.decide("s1", 0, "A", "accept", marker="task", seen=0)
    store.decide("s1", 1, "A", "none", seen=0)
    store.decide("s1", 3, "A", "comment", comment="à discuter", seen=0)
    before = store.state("s1", "A")
    assert [store.undo("s1", "A").undoes for _ in range(3)] == [3, 2, 1]
    assert store.undo("s1", "A") is None
    assert all(not turn.own and not turn.comments and turn.markers == other.markers for turn, other in
               zip(store.state("s1", "A").turns, store.state("s1", "B").turns, strict=True))  # fmt: skip
    assert all(store.redo("s1", "A") for _ in range(3)) and store.redo("s1", "A") is None
    after = store.state("s1", "A")
    assert [t.markers for t in after.turns] == [t.markers for t in before.turns]
    assert len(store.decisions("s1")) == 9  # rien n'a été effacé


def test_accepter_en_bloc_s_annonce_puis_s_annule_d_un_coup(store):
    store.decide("s1", 1, "A", "reject", marker="task", seen=0)
    preview = store.preview_bulk("s1", "A", None, 0.65)
    assert [(item.turn, item.label) for item in preview] == [(0, "task"), (4, "repair")]
    result = store.bulk_accept("s1", "A", None, 0.65)
    assert [d.turn for d in result.decisions] == [0, 4] and {d.bulk for d in result.decisions} == {result.group}
    store.undo("s1", "A")
    assert [len(t.own) for t in store.state("s1", "A").turns] == [0] * 6
    assert labels(store, 1) == []  # le refus d'avant tient
    store.redo("s1", "A")
    assert [len(t.own) for t in store.state("s1", "A").turns] == [1, 0, 0, 0, 1, 0]
    assert store.bulk_accept("s1", "A", None, 0.65).group is None


def test_la_file_montre_le_doute_d_abord_et_oublie_ce_qui_est_relu(store):
    by_doubt = [item.turn for item in store.queue("A")]
    assert sorted(by_doubt) == list(range(6)) and by_doubt[0] == 3  # 0,6 pour une rupture : le plus près du seuil
    store.decide("s1", 3, "A", "accept", marker="rupture", seen=0)
    assert [item.turn for item in store.queue("A", order="session")] == [0, 1, 2, 4, 5]
    assert [item.turn for item in store.queue("A", order="label", label="task")] == [1, 0]
    assert 3 in [item.turn for item in store.queue("B")]
    with pytest.raises(ConfigError, match="doubt"):
        store.queue("A", order="hasard")


def test_le_progrès_compte_les_tours(store):
    store.decide("s1", 0, "A", "accept", marker="task", seen=0)
    store.decide("s1", 1, "A", "seen", seen=0)
    store.decide("s1", 2, "A", "flag", seen=0)
    progress = store.progress("s1", "A")
    assert (progress.turns, progress.seen, progress.reviewed, progress.left, progress.flagged) == (6, 2, 1, 5, 1)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("s1", 0, "A", "accept"), ConfigError),
        (("s1", 0, "A", "danser"), ConfigError),
        (("s1", 0, "<script>", "none"), ConfigError),
        (("s1", 99, "A", "none"), StoreError),
        (("autre", 0, "A", "none"), StoreError),
        (("s1", 2, "A", "undo"), StoreError),
        (("s1", 2, "A", "comment"), ConfigError),
    ],
)
def test_une_demande_qui_n_a_pas_de_sens_est_refusée_d_une_phrase(store, arguments, error):
    with pytest.raises(error) as refused:
        store.decide(*arguments, seen=0)
    assert len(refused.value.message("fr")) > 20 and store.decisions("s1") == ()


def test_le_schéma_des_marqueurs_est_tenu(store):
    for more in ({"label": "rupture"}, {"label": "joie"}, {"label": "bond", "spans": (Span(0, 4000),)}):
        with pytest.raises(LabelError):
            store.decide("s1", 5, "A", "add", seen=0, **more)
    with pytest.raises(LabelError, match="therapist"):  # une rupture ne peut être dite que du côté du patient
        store.decide("s1", 0, "A", "add", label="rupture", types=("withdrawal",), seen=0)


def test_une_décision_ne_se_modifie_ni_ne_s_efface(store):
    store.decide("s1", 0, "A", "none", seen=0)
    for statement in ("UPDATE decisions SET reviewer = 'B'", "DELETE FROM decisions"):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            store.database.connection.execute(statement)


def test_terminer_ferme_la_séance_à_ses_propres_marques_jusqu_à_la_rouvrir(store):
    store.decide("s1", 0, "A", "none", seen=0)
    store.finish("s1", "A")
    with pytest.raises(StoreError):
        store.decide("s1", 1, "A", "none", seen=0)
    assert store.queue("A") == () and store.finished("s1") == ("A",)
    store.decide("s1", 1, "A", "comment", comment="oubli", seen=0)
    store.reopen("s1", "A")
    store.decide("s1", 1, "A", "none", seen=0)


def test_qui_a_seulement_regarde_n_a_pas_commence(store):
    for code in ("A", "B"):
        store.decide("s1", 3, code, "none", seen=0)
        store.finish("s1", code)
    store.decide("s1", 0, "arbitre", "seen", seen=0)
    assert store.adjudication("s1") is not None
    store.decide("s1", 0, "C", "comment", comment="à voir", seen=0)
    with pytest.raises(StoreError, match="C"):
        store.adjudication("s1")


def test_l_arbitrage_attend_deux_relecteurs_puis_montre_qui_dit_quoi(store):
    store.decide("s1", 3, "A", "accept", marker="rupture", comment="déférence", seen=0)
    store.decide("s1", 3, "B", "none", seen=0)
    store.decide("s1", 0, "A", "accept", marker="task", seen=0)
    store.decide("s1", 0, "B", "change", marker="task", spans=(Span(0, 20),), comment="plus court", seen=0)
    store.finish("s1", "A")
    with pytest.raises(StoreError, match="B"):
        store.adjudication("s1")
    store.finish("s1", "B")
    rows = store.adjudication("s1")
    assert [row.turn for row in rows if row.open] == [3]
    assert rows[0].agree and not rows[0].same_spans  # l'empan et le commentaire ne font pas un désaccord d'étiquette
    assert [c.text for c in rows[3].said[0].comments] == ["déférence"]
    store.adjudicate("s1", 3, "C", [Marker("rupture", BY, types=("withdrawal",), spans=(Span(5, 19),))], "déférence nette")
    settled = store.adjudication("s1")[3]
    assert not settled.open and settled.settlement.markers[0].origin == Origin(OriginKind.ADJUDICATED, "C")
    with pytest.raises(StoreError):
        store.reopen("s1", "A")


def test_l_accord_en_direct_ne_compte_que_les_tours_relus_par_les_deux(store):
    for reviewer, action in (("A", "accept"), ("B", "reject")):
        store.decide("s1", 0, reviewer, action, marker="task", seen=0)
        store.decide("s1", 3, reviewer, "accept", marker="rupture", comment=f"dit {reviewer}", seen=0)
    store.decide("s1", 4, "A", "none", seen=0)
    between, with_a, with_b = store.live_agreement().comparisons
    assert (between.first, between.second, between.turns) == ("A", "B", 2)
    assert [(d.turn, d.labels) for d in between.agreement.differences] == [(0, (("task",), ()))]
    assert (with_a.second, with_a.turns) == ("machine", 3) and [d.turn for d in with_a.agreement.differences] == [4]
    assert [d.turn for d in with_b.agreement.differences] == [0]
    by_label = {row.name: row.coefficients["f1"].value for row in between.agreement.by_label}
    assert by_label["withdrawal"] == 1.0 and by_label["task"] == 0.0
    assert store.live_agreement(blind_only=True).comparisons == ()


def test_une_horloge_reculée_ne_change_pas_l_ordre(open_store, session):
    times = iter([datetime(2026, 5, 1, tzinfo=timezone.utc) - timedelta(days=k) for k in range(9)])
    store = open_store(clock=lambda: next(times))
    store.add_sessions([session])
    first = store.decide("s1", 0, "A", "accept", marker="task", seen=0)
    second = store.decide("s1", 0, "A", "reject", marker="task", seen=first.sequence)
    assert second.at < first.at and second.sequence > first.sequence
    assert labels(store, 0) == []


def test_vingt_relecteurs_en_même_temps_ne_perdent_rien(store):
    def work(code):
        for turn in range(6):
            store.decide("s1", turn, code, "none", seen=0)

    threads = [threading.Thread(target=work, args=(f"r{k}",)) for k in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = store.decisions("s1")
    assert len(made) == 120 and [d.sequence for d in made] == list(range(1, 121))
    assert all(store.progress("s1", f"r{k}").left == 0 for k in range(20))


def test_deux_connexions_sur_un_fichier_voient_et_attendent_l_une_l_autre(store, open_store):
    other = open_store()
    first = store.decide("s1", 0, "A", "accept", marker="task", seen=0)
    assert labels(other, 0) == ["task"]
    with pytest.raises(StaleDecision):
        other.decide("s1", 0, "A", "reject", marker="task", seen=0)
    threads = [
        threading.Thread(target=lambda s=s, code=code: [s.decide("s1", k % 6, code, "comment", comment="x", seen=0) for k in range(30)])
        for s, code in ((store, "B"), (other, "C"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.decisions("s1")) == 61 and first.sequence == 1


def test_dix_ouvertures_à_la_fois_d_une_base_neuve(tmp_path, session):
    failed = []

    def work(number):
        try:
            with ReviewStore.open(tmp_path / "neuve.sqlite") as store:
                store.add_sessions([session])
                store.decide("s1", 0, f"r{number}", "none", seen=0)
        except AllianceError as error:
            failed.append(error.message("fr"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ReviewStore.open(tmp_path / "neuve.sqlite") as store:
        assert failed == [] and len(store.reviewers("s1")) == 10


def test_un_disque_plein_se_dit_et_garde_ce_qui_était_acquis(store):
    connection = store.database.connection
    pages = store.database.pragma("page_count")
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    made = 0
    with pytest.raises(StoreError, match=r"store\.disk_full|plein|full"):
        while made < 500:
            store.decide("s1", made % 6, "A", "comment", comment="x" * 400, seen=0)
            made += 1
    assert 0 < made < 500 and len(store.decisions("s1")) == made
    connection.execute("PRAGMA max_page_count = 100000")
    store.decide("s1", 0, "A", "comment", comment="encore", seen=0)
    assert len(store.decisions("s1")) == made + 1


def test_aucune_erreur_ne_contient_de_parole(store):
    secret = "Bon, si vous voulez"
    errors = []
    for arguments in ({"action": "add", "label": secret}, {"action": secret}, {"action": "reject", "marker": secret}):
        with pytest.raises(AllianceError) as refused:
            store.decide("s1", 3, "A", seen=0, **arguments)
        errors.append(refused.value)
    assert all("spécialiste" not in error.message("fr") for error in errors)
    assert all(secret not in error.message("fr") for error in errors[2:])


# ------------------------------------------------------------------------------------------ the file


def test_une_base_du_premier_schéma_est_mise_à_jour_avec_ses_lignes(tmp_path, session, monkeypatch):
    path = tmp_path / "ancienne.sqlite"
    make_first_schema(path, session)
    with ReviewStore.open(path) as store:
        assert store.database.pragma("user_version") == len(migrations.STEPS) > 1
        (marker,) = store.turn_state("s1", 0, "A").own
        assert (marker.label, marker.spans) == ("task", (Span(0, 2),))
        store.decide("s1", 0, "B", "none", seen=0)
        store.finish("s1", "A"), store.finish("s1", "B")
        assert store.adjudication("s1")[0].open
    with ReviewStore.open(path) as again:
        assert len(again.decisions("s1")) == 2


def make_first_schema(path, session):
    """Write a database as the first version made it, with one session and one decision, by plain SQL."""
    from alliance_nlp.review.rows import head_record, turn_records

    connection = sqlite3.connect(path)
    for statement in migrations.STEPS[0]:
        connection.execute(statement)
    connection.execute("PRAGMA user_version = 1")
    connection.execute("INSERT INTO sessions VALUES (1, 's1')")
    connection.execute("INSERT INTO revisions VALUES (1, 1, ?, 'x', NULL, '2026-01-01')", (head_record(session),))
    rows = [(1, k, record, 0.0, 0, "") for k, record in enumerate(turn_records(session))]
    connection.executemany("INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?)", rows)
    result = '{"label":"task","types":[],"spans":[[0,2]]}'
    connection.execute(
        "INSERT INTO decisions VALUES (1, 1, 1, 0, 'A', 'accept', 'task', ?, NULL, 0, 0, NULL, NULL, '2026-01-01')", (result,)
    )
    connection.execute("INSERT INTO placements VALUES (1, 1, 0, NULL, 0)")
    connection.commit()
    connection.close()


def test_une_base_plus_récente_est_refusée_sans_y_toucher(store, open_store):
    store.database.connection.execute(f"PRAGMA user_version = {len(migrations.STEPS) + 1}")
    with pytest.raises(StoreError, match=str(len(migrations.STEPS) + 1)):
        open_store()


def test_le_fichier_d_un_autre_programme_est_refusé_sans_y_toucher(tmp_path):
    path = tmp_path / "autre.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recettes (nom TEXT)")
    connection.commit(), connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError):
        ReviewStore.open(path)
    assert path.read_bytes() == before
    (tmp_path / "texte.sqlite").write_text("ceci n'est pas une base " * 100, encoding="utf-8")
    with pytest.raises(StoreError):
        ReviewStore.open(tmp_path / "texte.sqlite")


def test_une_copie_de_sauvegarde_est_une_base_entière(store, open_store, tmp_path):
    store.decide("s1", 0, "A", "none", seen=0)
    store.backup(tmp_path / "copie.sqlite")
    assert open_store("copie.sqlite").decisions("s1") == store.decisions("s1")
    with pytest.raises(StoreError, match="copie"):
        store.backup(tmp_path / "copie.sqlite")
    for name in ("copie.sqlite", "relecture.sqlite", "relecture.sqlite-wal"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0, name  # des paroles de patients : au seul propriétaire


def test_un_dossier_absent_se_dit(tmp_path):
    with pytest.raises(StoreError, match="b.sqlite"):
        ReviewStore.open(tmp_path / "absent" / "b.sqlite")


def test_une_base_chiffrée_ne_se_lit_qu_avec_sa_phrase(tmp_path, session):
    pytest.importorskip("sqlcipher3", reason="extra « encrypt » not installed")
    path = tmp_path / "secret.sqlite"
    with ReviewStore.open(path, passphrase="l'été en mer") as store:
        store.add_sessions([session])
        store.decide("s1", 0, "A", "none", seen=0)
    with ReviewStore.open(path, passphrase="l'été en mer") as store:
        store.backup(tmp_path / "copie.sqlite")
    data = path.read_bytes() + (tmp_path / "copie.sqlite").read_bytes()
    assert b"SQLite format 3" not in data and "carnet".encode() not in data
    for wrong in (None, "l'hiver"):
        with pytest.raises(StoreError):
            ReviewStore.open(path, passphrase=wrong)
    with ReviewStore.open(path, passphrase="l'été en mer") as store:
        assert len(store.decisions("s1")) == 1


def test_cinq_mille_tours_se_décident_en_moins_de_cent_millisecondes(open_store):
    long = machine_session(*(("T" if k % 2 else "P", f"{text} ({k})", given) for k in range(5000)
                             for _, text, given in [LINES[(0, 1, 2, 4, 5)[k % 5]]]))  # fmt: skip
    store = open_store()
    store.add_sessions([long])
    times = []
    for k in range(0, 5000, 250):
        began = time.perf_counter()
        store.decide("s1", k, "A", "none", seen=0)
        times.append(time.perf_counter() - began)
    assert sorted(times)[len(times) // 2] < 0.1
    opened = []
    for _ in range(3):  # the best of three: a full collection of the whole suite's objects may fall into one
        fresh = open_store()
        began = time.process_time()  # of this process: other work on a busy machine is not the store's
        assert len(fresh.state("s1", "A").turns) == 5000
        opened.append(time.process_time() - began)
    assert min(opened) < 1.0
    assert Action.SEEN not in {d.action for d in fresh.decisions("s1")}
