"""A board as runs of an MLflow experiment."""

from __future__ import annotations

import hashlib
import importlib
import math
import os
import re
from typing import Any

import pandas as pd

from mirbench.errors import MirbenchError

COSTS = ("fit_s", "predict_s", "extract_s", "peak_mb", "n_params", "multiply_adds")
TAG = "mirbench.row"


def export_mlflow(board: pd.DataFrame, tracking_uri: str) -> list[str]:
    """Log each row of a board as a run; rows that are there already are left alone.

    The experiment is called ``mirbench/PROTOCOL``. A run has the headline metrics with the ends of their
    intervals and what the method cost as metrics (characters that MLflow doesn't take become ``_``),
    and says method, family, protocol, its hash and the flags in parameters and tags.

    Parameters
    ----------
    board : DataFrame
        From `mirbench.boards.board`.
    tracking_uri : str
        ``sqlite:///FILE`` or a folder; a server's address is the only way anything leaves this machine.

    Returns
    -------
    list of str
        Ids of the new runs.

    Raises
    ------
    MirbenchError
        MLflow isn't installed.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    try:
        mlflow = importlib.import_module("mlflow")
    except ImportError as error:
        raise MirbenchError(
            "MLflow isn't installed; install the extra: pip install 'mirbench[mlflow]'"
        ) from error
    about = board.attrs
    client = mlflow.MlflowClient(tracking_uri=tracking_uri)
    name = f"mirbench/{about['protocol']}"
    found = client.get_experiment_by_name(name)
    experiment = found.experiment_id if found else client.create_experiment(name)
    made = []
    for row in board.to_dict("records"):
        metrics = _metrics(row, about)
        key = _key(row, about, metrics)
        if client.search_runs([experiment], f"tags.`{TAG}` = '{key}'", max_results=1):
            continue
        tags = {TAG: key, "mlflow.runName": row["method"], "flags": row["flags"]}
        run = client.create_run(experiment, tags=tags | {"rank": row["rank"]}).info.run_id
        for param in ("method", "title", "family"):
            client.log_param(run, param, row[param])
        for param in ("protocol", "version", "hash", "evidence"):
            client.log_param(
                run, f"protocol.{param}" if param != "protocol" else param, about[param]
            )
        for metric, value in metrics.items():
            client.log_metric(run, metric, value)
        client.set_terminated(run)
        made.append(run)
    return made


def _metrics(row: dict[Any, Any], about: dict[Any, Any]) -> dict[str, float]:
    names = [f"{m['name']}{end}" for m in about["metrics"] for end in ("", " lo", " hi")]
    values = {name: float(row[name]) for name in [*names, *COSTS]}
    return {_allowed(name): value for name, value in values.items() if math.isfinite(value)}


def _allowed(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_\-. /]", "_", name)


def _key(row: dict[Any, Any], about: dict[Any, Any], metrics: dict[str, float]) -> str:
    text = f"{about['hash']}|{row['method']}|{sorted(metrics.items())}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
