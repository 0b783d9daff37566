"""``mirbench reproduce``: run a record's method again, here, and say how far its outputs differ."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirbench.corpora.corpus import Corpus
from mirbench.errors import MethodError, RecordError
from mirbench.home import home
from mirbench.metrics import metrics_for
from mirbench.protocols import Protocol
from mirbench.records import Record, encode_outputs
from mirbench.running import run_protocol
from mirbench.trust.differences import (
    decisions_changed,
    environment_changes,
    headline_change,
    score_difference,
)
from mirbench.trust.find import protocol_of
from mirbench.trust.status import key_of

TOLERANCE = {"deep": (0.05, 2.5), "": (0.002, 0.5)}
"""By family, the others under ``""``: share of decisions that may change, and points by which each
headline figure may. Measured with other instructions of one processor: nine runs of the networks of
``speech-music/5s``, which train from scratch, changed by up to 2.6 % and 1.9 points, eight of others
by up to 0.1 % and 0.3 points."""
SHARED = ("corpora", "places")


@dataclass(frozen=True)
class Outcome:
    """A record and what came out when it was made again.

    Attributes
    ----------
    key : str
    verdict : {"identical", "within tolerance", "different"}
    scores : float
        Largest absolute difference of scores or distances; NaN where there are none to compare.
    decisions : float
        Share (0 to 1) of decisions that changed.
    headline : dict of str to (float, float)
        Each headline figure as recorded and as it came out.
    environment : list of str
        What differs between then and now.
    outputs_sha256 : str
        Of the record.
    tolerance : (float, float)
        Share of decisions and points that may change, see ``TOLERANCE``.
    """

    key: str
    spec: str
    protocol: str
    verdict: str
    scores: float
    decisions: float
    headline: dict[str, tuple[float, float]]
    environment: list[str]
    outputs_sha256: str
    tolerance: tuple[float, float]

    def __str__(self) -> str:
        lines = [f"{self.spec} under {self.protocol} ({self.key}): {self.verdict}"]
        if self.verdict != "identical":
            if not math.isnan(self.scores):
                lines.append(f"largest difference of scores: {self.scores:.3g}")
            lines.append(f"decisions changed: {100 * self.decisions:.2f} %")
            lines += [f"{m}: {a:.6g} recorded, {b:.6g} now" for m, (a, b) in self.headline.items()]
            lines.append(
                f"within tolerance: at most {100 * self.tolerance[0]:g} % of decisions changed and "
                f"each headline figure by {self.tolerance[1]:g} points"
            )
        changes = "; ".join(self.environment) or "nothing"
        lines.append(f"what differs in code and environment: {changes}")
        return "\n".join(lines)

    def entry(self) -> dict[str, Any]:
        """What ``verified.json`` says of it; see `mirbench.trust.status`."""
        return {
            "outcome": self.verdict,
            "decisions_changed": round(self.decisions, 6),
            "environment": self.environment,
            "method": self.spec,
            "outputs_sha256": self.outputs_sha256,
            "protocol": self.protocol,
        }


def reproduce(
    record: Record,
    *,
    method: str = "",
    protocol: Protocol | None = None,
    n_jobs: int = 1,
    corpora: dict[str, Corpus] | None = None,
    share_features: bool = True,
    progress: bool = False,
) -> Outcome:
    """Run the record's method under its protocol and seed again, and compare.

    Finished cells are ignored: the run has a home of its own. Features may come from the cache of
    the usual home, where the key of each is its sound, code and libraries; ``share_features=False``
    computes them anew.

    Parameters
    ----------
    record : Record
    method : str
        What to run where the record's spec doesn't load here: ``file.py:function``.
    protocol : Protocol, optional
        The record's, by default.
    n_jobs : int
    corpora : dict of str to Corpus, optional
        Corpora of one's own by name.
    share_features, progress : bool

    Raises
    ------
    MethodError
        The method can't be loaded or fails.
    RecordError
        Predictions made elsewhere, without a method to run.
    """
    who = record.identity
    spec = method or record.spec
    if spec.startswith("external:"):
        raise RecordError(
            f"{record.path or spec}: answers made elsewhere; name what makes them with --method"
        )
    what = protocol_of(record) if protocol is None else protocol
    with _fresh_home(share_features) as folder:
        done, failures = run_protocol(
            [spec],
            what,
            n_jobs=n_jobs,
            seeds=[int(who["seed"])],
            records=folder / "records",
            corpora=corpora,
            progress=progress,
            allow_leaks=True,
        )
    if not done:
        raise MethodError(f"{spec}: gave no result ({'; '.join(failures.values())})")
    return compare(record, done[0], what)


def compare(record: Record, again: Record, protocol: Protocol) -> Outcome:
    """The outcome, from the record and the one that came out now."""
    kind = protocol.task.kind
    # encoded alike here and now: parquet's bytes differ from version to version
    identical = encode_outputs(record.outputs, kind, 1) == encode_outputs(again.outputs, kind, 1)
    decisions = 0.0 if identical else decisions_changed(record, again, protocol)
    headline = headline_change(record, again, protocol)
    units = {m.name: m.unit for m in metrics_for(protocol.task, protocol.grid)}
    allowed = tolerance_of(record)
    near = all(
        abs(a - b) <= allowed[1] / (1 if units[name] == "%" else 100)
        or (math.isnan(a) and math.isnan(b))
        for name, (a, b) in headline.items()
    )
    close = "within tolerance" if near and decisions <= allowed[0] else "different"
    return Outcome(
        key_of(record.identity),
        record.spec,
        protocol.name,
        "identical" if identical else close,
        0.0 if identical else score_difference(record, again),
        decisions,
        headline,
        environment_changes(record, again),
        record.header["outputs_sha256"],
        allowed,
    )


def tolerance_of(record: Record) -> tuple[float, float]:
    """Of a deep row, or one that claims to be; or of another."""
    families = (record.identity["family"], record.identity.get("claims", {}).get("family"))
    return TOLERANCE["deep" if "deep" in families else ""]


@contextmanager
def _fresh_home(share_features: bool) -> Iterator[Path]:
    """A ``MIRBENCH_HOME`` of its own, with the usual one's corpora and, if wished, features."""
    usual = home().resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in (*SHARED, "features") if share_features else SHARED:
            (usual / part).mkdir(parents=True, exist_ok=True)
            (folder / part).symlink_to(usual / part, target_is_directory=True)
        before = os.environ.get("MIRBENCH_HOME")
        os.environ["MIRBENCH_HOME"] = name
        try:
            yield folder
        finally:
            if before is None:
                del os.environ["MIRBENCH_HOME"]
            else:
                os.environ["MIRBENCH_HOME"] = before
