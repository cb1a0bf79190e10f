"""What a gain would be with other patients of the same classes."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.stats import bootstrap


def over_classes(values: np.ndarray, classes: np.ndarray) -> float:
    """Average over the patients of a class, then over classes."""
    return float(np.mean([values[classes == name].mean() for name in np.unique(classes)]))


def interval_over_patients(
    gain: np.ndarray,  # one number a patient
    classes: np.ndarray,  # the class of each
    method: str,  # of scipy.stats.bootstrap
    n_resamples: int,
) -> tuple[float, float]:
    """Resample patients: 95 % of the gain averaged over classes; (0, 0) where no patient gains or loses."""
    if not gain.any():
        return 0.0, 0.0
    how = dict(paired=True, vectorized=False, n_resamples=n_resamples, method=method, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = bootstrap((gain, classes), over_classes, **how).confidence_interval
    return float(found.low), float(found.high)
