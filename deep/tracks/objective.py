"""What a net is trained for: classes, tags or values, told apart by the labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional

from deep.dataset import inner_split
from mirbench.errors import MethodError
from mirbench.tuning import hold_out


class Objective:
    """Targets of one kind, the loss towards them, and what outputs of a net mean.

    Attributes
    ----------
    targets : ndarray of float32, shape (n_items, n_outputs)
        What the loss compares a net's outputs with.
    """

    kind = ""
    targets: np.ndarray

    def held_out(self, groups: list, share: float, rng: np.random.Generator) -> np.ndarray:
        """Mask of a ``share`` of the groups, at least one (`mirbench.tuning.hold_out`)."""
        if share <= 0:
            return np.zeros(len(self.targets), dtype=bool)
        return hold_out(groups, share, seed=int(rng.integers(2**31)))

    def learn(self, kept: np.ndarray) -> None:
        """See the targets of the items trained on; ``kept`` are their positions."""

    def loss(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Logits and targets (batch, n_outputs) -> a loss a patch, (batch,)."""
        raise NotImplementedError

    def measure(self, loss: float, outputs: np.ndarray, targets: np.ndarray) -> float:
        """What epochs and settings are compared by, on held-out items; the lower the better.

        Parameters
        ----------
        loss : float
            Mean over the items.
        outputs, targets : ndarray of shape (n_items, n_outputs)
        """
        return loss

    def outputs(self, logits: torch.Tensor) -> torch.Tensor:
        """What `predict_proba` gives of logits, or `predict` for values, of the same shape."""
        raise NotImplementedError

    def votes(self, outputs: np.ndarray) -> np.ndarray:
        """Decisions of patches, 0 or 1, of outputs of shape (n_patches, n_outputs)."""
        raise MethodError(f'{self.kind} have no decisions to vote with: use aggregation="mean"')


class Classes(Objective):
    """One class an item: cross entropy of a softmax, in nats.

    Parameters
    ----------
    codes : ndarray of int, shape (n_items,)
    class_weight : {"balanced", None}
        Weigh items by the inverse of how frequent their class is among those trained on.
    """

    kind = "classes"

    def __init__(self, codes: np.ndarray, class_weight: str | None = "balanced") -> None:
        self.classes, self.codes = np.unique(codes, return_inverse=True)
        if len(self.classes) < 2:
            raise MethodError(
                f"training needs two classes or more, got {self.classes.tolist()}: "
                "check the labels of the training items"
            )
        self.targets = np.eye(len(self.classes), dtype=np.float32)[self.codes]
        self.class_weight = class_weight
        self.weight = torch.ones(len(self.classes))

    def held_out(self, groups: list, share: float, rng: np.random.Generator) -> np.ndarray:
        """Mask of whole groups of each class (`deep.dataset.inner_split`)."""
        return inner_split(self.codes, groups, share, rng)

    def learn(self, kept: np.ndarray) -> None:
        """Weights of the classes, 1 on the mean over items."""
        counts = self.targets[kept].sum(axis=0)
        if self.class_weight == "balanced":
            self.weight = torch.as_tensor(counts.sum() / (len(counts) * counts))

    def loss(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Weighted cross entropy; targets are probabilities, so that they can be mixed."""
        weight = self.weight.to(logits.device)
        return functional.cross_entropy(logits, targets, weight=weight, reduction="none")

    def measure(self, loss: float, outputs: np.ndarray, targets: np.ndarray) -> float:
        """Share of items decided wrongly; equals are told apart by the loss.

        A handful of artists is held out: a few confident errors rule their loss, not their error.
        """
        wrong = outputs.argmax(axis=1) != targets.argmax(axis=1)
        return float(wrong.mean() + loss / (1 + loss) / len(wrong))

    def outputs(self, logits: torch.Tensor) -> torch.Tensor:
        """Probabilities of classes."""
        return torch.softmax(logits, dim=1)

    def votes(self, outputs: np.ndarray) -> np.ndarray:
        """The most probable class of each patch."""
        return np.eye(outputs.shape[1])[outputs.argmax(axis=1)]


class Tags(Objective):
    """Any number of tags an item: binary cross entropy, in nats, the mean over tags.

    Parameters
    ----------
    tags : ndarray of 0 and 1, shape (n_items, n_tags)
    """

    kind = "tags"

    def __init__(self, tags: np.ndarray) -> None:
        if not np.isin(tags, (0, 1)).all():
            raise MethodError("tags are 0 and 1, a column a tag; got other values")
        self.targets = np.asarray(tags, dtype=np.float32)

    def loss(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Mean over tags."""
        entropies = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        return entropies.mean(dim=1)

    def outputs(self, logits: torch.Tensor) -> torch.Tensor:
        """Probabilities of tags."""
        return torch.sigmoid(logits)

    def votes(self, outputs: np.ndarray) -> np.ndarray:
        """Tags whose probability reaches one half in a patch."""
        return (outputs >= 0.5).astype(float)


class Values(Objective):
    """Numbers: squared error of standardised values, the mean over values.

    Mean and deviation are those of the items trained on; a value that doesn't vary keeps its scale.

    Parameters
    ----------
    values : ndarray of float, shape (n_items, d)
    """

    kind = "values"

    def __init__(self, values: np.ndarray) -> None:
        if not np.isfinite(values).all():
            raise MethodError(
                "a value to learn is NaN or infinite: leave such items out of training"
            )
        self.values = np.asarray(values, dtype=np.float64)
        self.targets = self.values.astype(np.float32)
        self.mean, self.scale = np.zeros(values.shape[1]), np.ones(values.shape[1])

    def learn(self, kept: np.ndarray) -> None:
        """Mean and deviation of each value."""
        self.mean, deviation = self.values[kept].mean(axis=0), self.values[kept].std(axis=0)
        self.scale = np.where(deviation > 1e-9, deviation, 1.0)
        self.targets = ((self.values - self.mean) / self.scale).astype(np.float32)

    def loss(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Mean over values."""
        return ((logits - targets) ** 2).mean(dim=1)

    def outputs(self, logits: torch.Tensor) -> torch.Tensor:
        """Values in their own unit."""
        scale, mean = (torch.as_tensor(a, device=logits.device) for a in (self.scale, self.mean))
        return logits * scale.to(logits.dtype) + mean.to(logits.dtype)


def objective_of(y: Any, n_items: int, class_weight: str | None = "balanced") -> Objective:
    """The objective that labels call for.

    Parameters
    ----------
    y : array
        (n,) of int: classes; (n, n_tags) of 0 and 1: tags; (n, d) of float: values.
    n_items : int
    class_weight : {"balanced", None}
        For classes only.

    Raises
    ------
    MethodError
        Another number or kind of labels, one class, tags other than 0 and 1, values not finite.
    """
    try:
        labels = np.asarray(y)
    except ValueError:
        labels = np.asarray([])
    if len(labels) != n_items or not labels.size or labels.dtype.kind not in "buif":
        raise MethodError(
            f"{n_items} items need one row of labels each: codes (n,), tags of 0 and 1 (n, n_tags) or "
            f"values (n, d) as numbers; got shape {labels.shape} of {labels.dtype}"
        )
    if labels.dtype.kind == "f" and labels.ndim in (1, 2):
        return Values(labels.reshape(n_items, -1))
    if labels.ndim == 2:
        return Tags(labels.astype(np.int64))
    if labels.ndim != 1:
        raise MethodError(f"labels of shape {labels.shape}: give one row an item")
    if (labels.astype(np.int64) < 0).any():
        raise MethodError("a label is negative: leave unlabelled items out of training")
    return Classes(labels.astype(np.int64), class_weight)
