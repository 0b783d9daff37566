"""A classifier of the training classes, whose encoder is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from deep.fewshot.encoder import Supervised
from deep.representation.budget import BATCH


class Classes(Supervised):
    """Cross entropy of a linear layer over the training classes, each drawn as often as another."""

    def know(self, codes: np.ndarray, databases: Sequence[str]) -> None:
        """Make the layer."""
        super().know(codes, databases)
        with torch.no_grad():
            n = self.encoder(torch.zeros(2, *self.in_shape, device=self._device)).shape[1]
        self.head = nn.Linear(n, int(codes.max()) + 1).to(self._device)

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """A class, then an item of it, for each place of the batch."""
        codes = self.codes.cpu().numpy()
        own = [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]
        return np.array([rng.choice(own[c]) for c in rng.integers(len(own), size=BATCH)])

    def of(self, rows: torch.Tensor, places: np.ndarray) -> torch.Tensor:
        """Mean cross entropy."""
        wanted = self.codes[torch.as_tensor(places, device=rows.device)]
        return nn.functional.cross_entropy(self.head(rows), wanted)

    def adapt(self, rows: np.ndarray, codes: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """Logistic regression of standardised rows (C = 1), fitted on the support."""
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        return model.fit(rows, codes).predict_proba
