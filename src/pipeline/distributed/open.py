"""The door: `--engine dask|spark` and `--address` as the `Hands` that the stages work with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec

from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.distributed.cluster import Cluster
from pipeline.distributed.engine import Engine
from pipeline.workflow.hands import HERE, Hands

ENGINES = {"dask": ("dask", "distributed"), "spark": ("pyspark",)}
"""Engine -> the packages that its extra installs."""

NO_TRAINING = (
    "--engine spark: Spark reads, measures and scores, and grows no trees. Run `leadlight features --engine spark` "
    "and then `leadlight train`, which takes the training set as it stands; or train with --engine dask."
)


@contextmanager
def hands(engine: str | None, address: str | None = None, *, training: bool = False) -> Iterator[Hands]:
    """Hands of this process where no engine is named; else a cluster, connected or started, for as long as this lasts.

    WorkspaceError where that engine is not installed, does not answer, or cannot do what is asked.
    """
    if engine is None:
        if address is not None:
            raise WorkspaceError(f"--address {address}: say what answers there: --engine {' or '.join(ENGINES)}")
        yield HERE
        return
    if engine == "spark" and training:
        raise WorkspaceError(NO_TRAINING)
    for package in ENGINES[engine]:
        if find_spec(package) is None:
            raise WorkspaceError(f"--engine {engine}: {package} is not installed; pip install 'leadlight[{engine}]'")
    if engine == "dask":
        from pipeline.distributed import on_dask
        from pipeline.distributed.forest import GROWN_BY, ClusterForest

        with on_dask.connected(address) as client:
            yield of(on_dask.OnDask(client), Hands(grower=partial(ClusterForest, client), grown_by=GROWN_BY))
    else:
        from pipeline.distributed import on_spark

        with on_spark.connected(address) as session:
            yield of(on_spark.OnSpark(session))


def of(engine: Engine, rest: Hands = HERE) -> Hands:
    """Hands that leave the facts to an engine, and the rest to others."""
    cluster = Cluster(engine)
    return Hands(
        cluster.read, cluster.observe, cluster.define, cluster.measure, cluster.score, rest.grower, rest.grown_by
    )
