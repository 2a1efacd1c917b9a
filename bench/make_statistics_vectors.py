"""Writes the statistics' test vectors: arrays, and what SciPy makes of them.

The draws of the bootstrap are stored too, so that intervals are compared on the same draws and agree to rounding.
Needs numpy and scipy. Usage: make_statistics_vectors.py [file]
"""

import itertools
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from scipy import stats

DRAWS = 400
LEVEL = 0.95


def ratio_of_clusters(sums, counts):
    """The mean over examples of drawn clusters, as SciPy wants a statistic."""

    def statistic(clusters, axis=-1):
        clusters = clusters.astype(int)
        return sums[clusters].sum(axis=axis) / counts[clusters].sum(axis=axis)

    return statistic


def interval(sums, counts, draws, method):
    statistic = ratio_of_clusters(sums, counts)
    drawn = SimpleNamespace(bootstrap_distribution=statistic(draws))
    data = (np.arange(len(sums), dtype=float),)
    result = stats.bootstrap(
        data, statistic, n_resamples=0, bootstrap_result=drawn, confidence_level=LEVEL, method=method
    )
    return [float(result.confidence_interval.low), float(result.confidence_interval.high)]


def linearised_error(above, below):
    """Standard error of a ratio of sums over clusters, from each one's residual; or, if larger, from all mean residuals alike."""
    n = len(above)
    residuals = above - above.sum() / below.sum() * below
    own = (residuals**2).sum() * n / (n - 1)
    return np.sqrt(own) / abs(below.sum())


def pooled_error(above, below, sizes):
    n = len(above)
    means = (above - above.sum() / below.sum() * below) / sizes
    return np.sqrt(means.var(ddof=1) * (sizes**2).sum()) / abs(below.sum())


def studentised(above, below, sizes, draws):
    """Interval and p of a ratio of sums: Student's t and the bootstrap of t, the further of both, wider by 1 + 2/n."""
    n = len(above)

    def error(rows):
        return max(
            linearised_error(above[rows], below[rows]),
            pooled_error(above[rows], below[rows], sizes[rows]) if len(set(sizes)) > 1 else 0,
        )

    everything = np.arange(n)
    value = above.sum() / below.sum()
    own = error(everything)
    t = np.array(
        [(above[rows].sum() / below[rows].sum() - value) / max(error(rows), 0.2 * own) for rows in draws]
    )
    student = stats.t.ppf(1 - (1 - LEVEL) / 2, n - 1)
    low, high = np.quantile(t, [(1 - LEVEL) / 2, 1 - (1 - LEVEL) / 2])
    wide = own * (1 + 2 / n)
    ends = [value - max(student, high) * wide, value + max(student, -low) * wide]
    observed = value / wide
    p = min(1, 2 * (min((t >= observed).sum(), (t <= observed).sum()) + 1) / (len(t) + 1))
    return {"value": value, "error": own, "interval": ends, "p": p}


def sign_flips(columns):
    """Exact p of each column, SciPy's; and of the largest statistic over columns, by enumeration."""
    single = [
        float(
            stats.permutation_test(
                (column,),
                lambda x, axis=-1: np.abs(np.mean(x, axis=axis)),
                permutation_type="samples",
                alternative="greater",
                n_resamples=np.inf,
            ).pvalue
        )
        for column in columns.T
    ]
    scale = np.sqrt((columns**2).sum(axis=0))
    signs = np.array(list(itertools.product([1, -1], repeat=len(columns))))
    found = np.abs(signs @ columns) / scale
    observed = np.abs(columns.sum(axis=0)) / scale
    largest = found.max(axis=1, keepdims=True)
    family = (largest * (1 + 1e-12) >= observed).mean(axis=0)
    return single, family.tolist()


def case(rng, name, columns, clusters):
    labels = np.unique(clusters)
    sums = np.array([columns[clusters == c].sum(axis=0) for c in labels])
    counts = np.array([(clusters == c).sum() for c in labels], dtype=float)
    draws = rng.integers(0, len(labels), size=(DRAWS, len(labels)))
    # A draw of every cluster once has the observed mean, and SciPy's rounding decides on which side of it that falls.
    draws = draws[(np.sort(draws, axis=1) != np.arange(len(labels))).any(axis=1)]
    intervals = {
        method: [interval(sums[:, j], counts, draws, method) for j in range(columns.shape[1])]
        for method in ("percentile", "BCa")
    }
    return {
        "name": name,
        "values": columns.tolist(),
        "clusters": clusters.tolist(),
        "draws": draws.tolist(),
        "mean": columns.mean(axis=0).tolist(),
        "median": np.median(columns, axis=0).tolist(),
        "standardError": stats.sem(columns, axis=0).tolist() if len(labels) == len(columns) else None,
        "intervals": intervals,
    }


def main():
    default = Path(__file__).parent.parent / "dsl/spec/src/test/resources/statistics/vectors.json"
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    rng = np.random.default_rng(20260101)
    skewed = rng.lognormal(size=(30, 3)) - [0.5, 1.0, 2.0]
    few = rng.normal(size=(7, 2))
    grouped = rng.normal(size=(24, 2)) + np.repeat(rng.normal(size=(8, 2)), 3, axis=0)
    uneven = np.repeat(np.arange(8), [1, 2, 3, 4, 5, 4, 3, 2])
    flipped = rng.normal(size=(10, 4)) + [0.0, 0.5, 1.0, -1.5]
    single, family = sign_flips(flipped)
    p = rng.uniform(size=12) ** 3
    a, b = rng.integers(0, 6, size=(2, 20)).astype(float)
    gaps = rng.normal(4, 1, size=(18, 1))
    changes = 0.2 * gaps + rng.normal(size=(18, 1))
    ratio_clusters = np.repeat(np.arange(9), [1, 2, 3, 1, 2, 3, 1, 2, 3])
    by_cluster = [
        np.array([x[ratio_clusters == c].sum() for c in range(9)]) for x in (changes, gaps, np.ones_like(gaps))
    ]
    ratio_draws = rng.integers(0, 9, size=(DRAWS, 9))
    # A draw of one cluster alone has no error in either arithmetic, but numpy's is rounding.
    ratio_draws = ratio_draws[[len(set(rows)) > 1 for rows in ratio_draws]]
    exact = [
        {"hits": hits, "of": of, "interval": list(stats.binomtest(hits, of).proportion_ci(LEVEL, method="exact"))}
        for hits, of in [(0, 7), (3, 12), (9, 10), (24, 24)]
    ]
    vectors = {
        "level": LEVEL,
        "cases": [
            case(rng, "skewed", skewed, np.arange(30)),
            case(rng, "few", few, np.arange(7)),
            case(rng, "clustered", grouped, uneven),
        ],
        "signFlips": {"values": flipped.tolist(), "single": single, "familyWise": family},
        "falseDiscovery": {"p": p.tolist(), "adjusted": stats.false_discovery_control(p).tolist()},
        "studentised": {
            "changes": changes.tolist(),
            "gaps": gaps.tolist(),
            "clusters": ratio_clusters.tolist(),
            "draws": ratio_draws.tolist(),
            **studentised(*by_cluster, ratio_draws),
        },
        "shares": exact,
        "spearman": {"a": a.tolist(), "b": b.tolist(), "correlation": float(stats.spearmanr(a, b).statistic)},
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(vectors) + "\n")


if __name__ == "__main__":
    main()
