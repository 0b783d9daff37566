"""How nets trained: the loss of each epoch, as the records' cells tell it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mirbench.boards.judge import Judge


def training_curves(judge: Judge) -> pd.DataFrame:
    """Losses epoch by epoch, the mean over the cells and seeds that trained so long.

    Returns
    -------
    DataFrame
        ``method``, ``epoch``, ``train``, ``valid`` (the method's own losses: nats, or squared
        deviations; ``valid`` on the artists that it held out, NaN without), ``n_fits``; best methods
        first. Empty where no record tells.
    """
    rows = []
    for spec in judge.ranked(judge.headline[0]):
        curves = [
            np.array(cost["curve"], dtype=float)
            for record in judge.methods[spec]
            for cost in record.header["provenance"].get("cells", {}).values()
            if cost.get("curve")
        ]
        for epoch in range(max(map(len, curves), default=0)):
            here = np.stack([curve[epoch] for curve in curves if len(curve) > epoch])
            valid = here[:, 1][np.isfinite(here[:, 1])]
            rows.append(
                {
                    "method": spec,
                    "epoch": epoch + 1,
                    "train": float(here[:, 0].mean()),
                    "valid": float(valid.mean()) if len(valid) else np.nan,
                    "n_fits": len(here),
                }
            )
    table = pd.DataFrame(rows, columns=["method", "epoch", "train", "valid", "n_fits"])
    table.attrs = judge.about(judge.headline[0])
    return table
