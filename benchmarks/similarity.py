"""All pairs of timbre models, and search in a large catalogue, beside their plain forms in one run.

``python benchmarks/similarity.py [--sizes 500 1000 2000] [--catalogue 100000]``

Models are made up: Gaussians around centres of genres, artists and tracks. Two questions:

- The Monte-Carlo divergence of all pairs (3 diagonal Gaussians, 8 MFCC, 1,000 samples a track)
  against a loop over pairs that calls scikit-learn's ``GaussianMixture.score_samples`` twice a
  pair, samples and own terms at hand. The loop is timed on a sample of pairs and scaled.
- The 20 nearest of single Gaussians (20 MFCC) by filter-and-refine against all exact divergences
  as matrix products, for a sample of queries: the share of the true neighbours found, and the time.

One thread everywhere. Times are the process's seconds of processor time, so that a busy machine slows
no peer more than another. Each part runs in a process of its own, whose peak memory is read from
``/proc`` (Linux).
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from baselines.similarity.gaussian import SingleGaussian, flat, skl_forms
from baselines.similarity.mixture import Mixtures
from baselines.similarity.montecarlo import Draws, all_pairs
from baselines.similarity.search import FilterRefine
from mirbench.neighbours import first

TITLES = 17_075
"""Of the collection of Aucouturier & Pachet 2002."""
PER_ARTIST, GENRES = 20, 30


def levels(n: int, shape: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """Sums of a genre's, an artist's and a track's own normal draws: (n, *shape)."""
    artists = -(-n // PER_ARTIST)
    artist = np.repeat(np.arange(artists), PER_ARTIST)[:n]
    genre = rng.integers(GENRES, size=artists)[artist]
    shape = tuple(shape)
    of_genres = 0.6 * rng.standard_normal((GENRES, *shape), dtype=np.float32)
    of_artists = 0.5 * rng.standard_normal((artists, *shape), dtype=np.float32)
    out = 0.35 * rng.standard_normal((n, *shape), dtype=np.float32)
    out += of_artists[artist]
    out += of_genres[genre]
    return out


def mixtures(n: int, d: int = 8, n_components: int = 3, seed: int = 0) -> Mixtures:
    """Diagonal mixtures with the scales of MFCC."""
    rng = np.random.default_rng(seed)
    scale = 40 * 0.85 ** np.arange(d)
    means = levels(n, (1, d), rng) + 0.5 * rng.standard_normal((n, n_components, d))
    variances = (scale * 0.8 * np.exp(0.4 * rng.standard_normal((n, n_components, d)))) ** 2
    return Mixtures(rng.dirichlet(np.full(n_components, 5), n), means * scale, variances)


def gaussians(n: int, d: int = 20, seed: int = 0) -> np.ndarray:
    """Rows of full Gaussians with the scales of MFCC."""
    rng = np.random.default_rng(seed)
    scale = 40 * 0.85 ** np.arange(d)
    means = levels(n, (d,), rng) * scale
    spread = scale * 0.8 * np.exp(0.4 * levels(n, (d,), rng))
    mixing = levels(n, (d, d), rng)
    mixing *= 0.7 / np.sqrt(d)
    mixing += np.eye(d)
    rows = []
    for i in range(0, n, 2048):
        part = spread[i : i + 2048, :, None] * mixing[i : i + 2048]
        covariances = part @ np.swapaxes(part, 1, 2) + np.eye(d)
        rows.append(flat(means[i : i + 2048], covariances))
    return np.concatenate(rows)


def seconds(function: Callable[[], Any], rounds: int = 3) -> float:
    """Processor time of the fastest of some rounds (s)."""
    best = np.inf
    for _ in range(rounds):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best


def peak_mb() -> float:
    """Most memory this process has held (MiB)."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


def loop_seconds(models: Mixtures, draws: Draws, pairs: int) -> float:
    """Seconds a pair of a loop over pairs by scikit-learn."""
    rng = np.random.default_rng(1)
    samples = draws.samples(models[:200])
    peers = []
    for i in range(len(samples)):
        peer = GaussianMixture(models.weights.shape[1], covariance_type="diag")
        peer.weights_, peer.means_ = models.weights[i], models.means[i]
        peer.covariances_ = models.covariances[i]
        peer.precisions_cholesky_ = 1 / np.sqrt(models.covariances[i])
        peers.append(peer)
    chosen = rng.integers(len(samples), size=(pairs, 2))

    def loop() -> None:
        for i, j in chosen:
            peers[j].score_samples(samples[i]).mean() + peers[i].score_samples(samples[j]).mean()

    return seconds(loop) / pairs


def mixtures_part(n: int, pairs: int) -> tuple[float, float, float]:
    """Seconds of all pairs, of the loop (scaled), and the peak (MiB)."""
    models, draws = mixtures(n), Draws.of(1000, 8, 0)
    with threadpool_limits(1):
        all_pairs(models[:20], draws)  # compiles
        ours = seconds(lambda: all_pairs(models, draws, device="cpu"), rounds=2)
        peak = peak_mb()
        loop = loop_seconds(models, draws, pairs) * n * (n - 1) / 2
    return ours, loop, peak


def search_part(n: int, n_queries: int, n_candidates: int) -> None:
    """Time filter-and-refine and the whole search; print times, recall at 20 and peak memory."""
    rows = gaussians(n)
    rng = np.random.default_rng(1)
    chosen = rng.permutation(n)[:n_queries]
    with threadpool_limits(1):
        start = time.process_time()
        search = FilterRefine(
            SingleGaussian().distance, forms=skl_forms, n_candidates=n_candidates
        ).fit(rows)
        fitting = time.process_time() - start
        found: list[np.ndarray] = []
        quick = seconds(lambda: found.append(search.query(rows[chosen], 21)[0]))
        true: list[np.ndarray] = []

        def whole() -> None:
            true.clear()
            for i in range(0, n_queries, 256):
                left = skl_forms(rows[chosen[i : i + 256]])[0]
                true.extend(first(row, 21) for row in left @ search.right_.T)

        slow = seconds(whole, rounds=2)
    shares = [
        len(np.setdiff1d(np.intersect1d(a, b), [own])) / 20
        for a, b, own in zip(found[0], true, chosen)
    ]
    print(
        f"{n:,} single Gaussians, the 20 nearest of {n_queries:,} queries, {n_candidates} candidates"
    )
    print(f"  filter-and-refine {1e3 * quick / n_queries:8.2f} ms a query (fit {fitting:.1f} s)")
    print(f"  all exact         {1e3 * slow / n_queries:8.2f} ms a query")
    total = (fitting + quick / n_queries * n) / (slow / n_queries * n)
    print(f"  {slow / quick:.1f} x as fast; {1 / total:.1f} x for all {n:,} queries with the fit")
    print(f"  recall at 20: {np.mean(shares):.4f}, peak memory {peak_mb():,.0f} MiB")


def alone(function: Callable[..., Any], *args: Any) -> Any:
    """Call in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *args).result()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[500, 1000, 2000])
    parser.add_argument("--pairs", type=int, default=500, help="pairs that the loop is timed on")
    parser.add_argument("--catalogue", type=int, default=100_000, help="rows to search; 0: none")
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--candidates", type=int, default=120)
    options = parser.parse_args()
    if options.sizes:
        print("Monte-Carlo divergence of all pairs")
        print(f"{'tracks':>8}{'seconds':>10}{'loop (scaled)':>16}{'ratio':>10}{'peak MiB':>11}")
    last = 0.0
    for n in options.sizes:
        ours, loop, peak = alone(mixtures_part, n, options.pairs)
        print(f"{n:8,}{ours:10.2f}{loop:14,.0f} s{loop / ours:8.0f} x{peak:11,.0f}")
        last = ours / n**2
    if options.sizes:
        held = 4 * TITLES**2 / 2**20
        print(f"{TITLES:8,}{last * TITLES**2:10,.0f}  extrapolated; its matrix has {held:,.0f} MiB")
    if options.catalogue:
        queries = min(options.queries, options.catalogue)
        alone(search_part, options.catalogue, queries, options.candidates)


if __name__ == "__main__":
    main()
