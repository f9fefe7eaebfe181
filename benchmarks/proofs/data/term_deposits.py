"""Real data without dates: the phone campaigns of a bank (UCI bank marketing), in the order of the calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.proofs.line import Check, at_least, equal
from benchmarks.proofs.path.loans import real_data
from benchmarks.proofs.workshop import Workshop, run
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle
from pipeline.learning.estimator import LeadClassifier

FILE = "bank_marketing/bank-additional-full.csv.gz"
ROWS, TESTED = 41_188, 12_357
EXAMPLE = Path("examples") / "term_deposits"
ECONOMY = ("emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed")
PARTS = 5

Floats = NDArray[np.float64]


def term_deposits(workshop: Workshop) -> list[Check]:
    """Train in the file's order; then say what other columns, and a random cross-validation, would have promised."""
    folder = workshop.copy("term_deposits") / EXAMPLE
    run("python", "prepare.py", real_data() / FILE, cwd=folder)
    trained = run("leadlight", "train", "-c", "leadlight.yaml", "--json", cwd=folder).json()
    rows = TrainingSet.load(folder / "data" / "work" / "training")
    said: dict[str, Any] = yaml.safe_load((folder / "leadlight.yaml").read_text(encoding="utf-8"))
    model = Bundle.load(folder / "models" / "candidate" / "tested").model
    probability, test, won = model.probability(rows.X[rows.test]), trained["test"], rows.label
    number = np.array([int(word) for word in rows.lead_id.words])[rows.lead_id.codes]
    criteria = rows.definition.criteria
    excluded = sorted(each["column"] for each in said["exclude"])
    tenth = ROWS // 10
    by_place = won[np.argsort(number)]
    return [
        equal("rows", len(won), ROWS),
        equal("test: the newest 30 % of the rows, and no other", _span(number[rows.test]), [ROWS - TESTED + 1, ROWS]),
        equal("their number", int(rows.test.sum()), TESTED),
        equal("training: all rows before", _span(number[rows.training]), [1, ROWS - TESTED]),
        equal("excluded columns among the model's", sorted({c.attribute for c in criteria} & {*excluded}), []),
        equal("excluded columns", excluded, sorted(("campaign", "duration", *ECONOMY))),
        equal("measures of time among the model's", [c.name for c in criteria if c.built_in], []),
        Check("won, first tenth of the rows", round(float(by_place[:tenth].mean()), 3), "said", True),
        Check("won, training", round(float(won[rows.training].mean()), 3), "said", True),
        Check("won, test", round(float(won[rows.test].mean()), 3), "said", True),
        Check("won, last tenth of the rows", round(float(by_place[-tenth:].mean()), 3), "said", True),
        at_least("AUC", test["auc"]["value"], 0.64),
        equal("the same by scikit-learn", round(auc(won[rows.test], probability) - test["auc"]["value"], 9), 0.0),
        Check("AUC, 95 %", [round(test["auc"][end], 3) for end in ("low", "high")], "said", True),
        Check("AUC among clients called in one month", round(_by_month(rows, probability), 3), "said", True),
        Check("AUC of the logistic regression", trained["baselines"]["logistic"]["auc"]["value"], "said", True),
        Check("log loss", round(test["log_loss"]["value"], 4), "said", True),
        Check("log loss of the base rate", trained["baselines"]["base_rate"]["log_loss"]["value"], "said", True),
        *_promises(folder, rows, said),
    ]


def _fitted(rows: TrainingSet) -> LeadClassifier:
    known = rows.training
    return LeadClassifier().fit(
        rows.X[known], rows.label[known], cutoff=rows.cutoff[known], categorical=rows.definition.categorical
    )


def _tested(rows: TrainingSet, model: LeadClassifier) -> float:
    return auc(rows.label[rows.test], model.predict_proba(rows.X[rows.test])[:, 1])


def _promises(folder: Path, known: TrainingSet, said: dict[str, Any]) -> Iterator[Check]:
    """What a random cross-validation promises of the same model, and with other columns what the file's order gives."""
    yield Check("AUC at random, example's columns", round(random_auc(known), 3), "said", True)
    for name, back in (("economy too", ECONOMY), ("duration too", ("duration",))):
        rows = _with(folder, said, back)
        later = _tested(rows, _fitted(rows))
        yield Check(f"AUC in the file's order, {name}", round(later, 3), "said", True)
        yield Check(f"AUC at random, {name}", round(random_auc(rows), 3), "said", True)


def _with(folder: Path, said: dict[str, Any], back: tuple[str, ...]) -> TrainingSet:
    """The training set of a workspace like the example's, some of whose excluded columns are taken back."""
    place = folder / "_".join(back)
    (place / "data").mkdir(parents=True)
    table = Path(said["sources"]["leads"]["from"])
    (place / table).write_bytes((folder / table).read_bytes())
    excluded = [each for each in said["exclude"] if each["column"] not in back]
    (place / "leadlight.yaml").write_text(yaml.safe_dump({**said, "exclude": excluded}), encoding="utf-8")
    run("leadlight", "features", cwd=place)
    return TrainingSet.load(place / "data" / "work" / "training")


def random_auc(rows: TrainingSet) -> float:
    """Mean AUC over random parts of all rows, each scored by a model of the other parts: what the order forbids.

    The rows are shuffled first, so that the folds that choose the number of trees are as random.
    """
    shuffled = np.random.default_rng(7).permutation(len(rows.label))
    found = []
    for part in np.array_split(shuffled, PARTS):
        fit = shuffled[~np.isin(shuffled, part)]
        model = LeadClassifier().fit(
            rows.X[fit], rows.label[fit], cutoff=np.arange(len(fit)), categorical=rows.definition.categorical
        )
        found.append(auc(rows.label[part], model.predict_proba(rows.X[part])[:, 1]))
    return float(np.mean(found))


def auc(label: NDArray[np.int8], probability: Floats) -> float:
    """The chance that a won row has the higher probability, ties counting half."""
    return float(roc_auc_score(label, probability))


def _by_month(rows: TrainingSet, probability: Floats) -> float:
    """The AUC of pairs from one stretch of rows with the same month: whom to call, and not when."""
    month = rows.X[rows.test, rows.definition.columns.index("month")]
    stretch = np.cumsum(np.append(0, month[1:] != month[:-1]))
    label = rows.label[rows.test]
    pairs, ranked = 0, 0.0
    for each in range(stretch.max() + 1):
        mine = stretch == each
        between = int(label[mine].sum()) * int((label[mine] == 0).sum())
        if between:
            pairs, ranked = pairs + between, ranked + between * auc(label[mine], probability[mine])
    return ranked / pairs


def _span(numbers: NDArray[np.int64]) -> list[int]:
    """First and last of numbers that follow each other; all of them where they do not."""
    whole = np.sort(numbers)
    return [int(whole[0]), int(whole[-1])] if (np.diff(whole) == 1).all() else whole.tolist()
