"""What a case is: an odd input, and what must happen.

A case is made by one of the functions below, each with a name, a call that takes an empty folder, and
a promise:

    refused(name, call, "words", ...)  an error of ours with all of the words
    told(name, call, "words")          an answer, and a warning with the words
    equal(name, call, other)           the same answer as `other` (a call or a value)
    sound(name, call)                  an answer that is not False, or an error of ours; never anything else
    exits(name, code, words, call)     the command line ends with this code and says the words in one line
"""

import io
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import numpy as np
import pandas as pd

OURS = (ValueError, KeyError, TypeError)


@dataclass
class Case:
    """One odd input."""

    name: str
    run: Callable  # takes a folder; returns None where all is well, or what was wrong
    xfail: str = ""  # why this is known to fail


def words_of(error) -> str:
    """Return what an error says."""
    return str(error.args[0] if error.args else error)


def lacks(text, words):
    """Return the words that are not in a text."""
    return [word for word in words if word not in text]


def refused(name, call, *words, xfail="", by=OURS, named=True):
    """Ask for an error of ours with these words."""

    def run(folder):
        try:
            found = call(folder)
        except by as error:
            said = words_of(error)
            if named and "`" not in said:
                return f"{type(error).__name__} names no argument: {said}"
            missing = lacks(said, words)
            return f"does not say {missing}: {said}" if missing else None
        except Exception as error:
            return f"{type(error).__name__} instead of an error of ours: {error}"
        return f"accepted: {str(found)[:80]}"

    return Case(name, run, xfail)


def told(name, call, *words, xfail=""):
    """Ask for an answer, and for a warning with these words."""

    def run(folder):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                call(folder)
            except Exception as error:
                return f"{type(error).__name__}: {error}"
        text = " ".join(str(warning.message) for warning in said)
        missing = lacks(text, words)
        return f"does not warn {missing}, says: {text[:200]!r}" if missing else None

    return Case(name, run, xfail)


def plain(value):
    """Bring an answer to what can be compared."""
    value = value.to_df() if hasattr(value, "to_df") else value
    if hasattr(value, "detach"):
        return value.detach().cpu().numpy()
    return value


def alike(a, b) -> bool:
    """Compare two answers: equal names, numbers to 1e-12 relative."""
    a, b = plain(a), plain(b)
    if isinstance(a, (pd.DataFrame, pd.Series)) and isinstance(b, (pd.DataFrame, pd.Series)):
        try:
            compare = pd.testing.assert_frame_equal if a.ndim == 2 else pd.testing.assert_series_equal
            compare(
                a, b, rtol=1e-12, atol=1e-12, check_names=False, check_dtype=False, check_categorical=False
            )
            return True
        except AssertionError:
            return False
    if isinstance(a, (list, tuple, dict, str, bool, set)) or a is None:
        return a == b
    return np.allclose(np.asarray(a, float), np.asarray(b, float), rtol=1e-12, atol=1e-12, equal_nan=True)


def equal(name, call, other, xfail=""):
    """Ask for the same answer as another call, or as a value."""

    def run(folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found, wanted = call(folder), other(folder) if callable(other) else other
            except Exception as error:
                return f"{type(error).__name__}: {error}"
        return (
            None
            if alike(found, wanted)
            else f"differs: {str(plain(found))[:90]!r} / {str(plain(wanted))[:90]!r}"
        )

    return Case(name, run, xfail)


def sound(name, call, xfail=""):
    """Ask for an answer that is not False, or for an error of ours."""

    def run(folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return "an answer that is not sound" if call(folder) is False else None
            except (*OURS, MemoryError) as error:
                return (
                    None if "`" in words_of(error) else f"{type(error).__name__} names no argument: {error}"
                )
            except Exception as error:
                return f"{type(error).__name__}: {error}"

    return Case(name, run, xfail)


def exits(name, code, words, call, xfail=""):
    """Ask for an exit code of the command line and for words; a failure must say them in one line."""
    from transomics.app import main

    def run(folder):
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as said:
            try:
                found = main([str(word) for word in call(folder)])
            except SystemExit as end:
                found = end.code
        text = out.getvalue() + said.getvalue()
        if found != code:
            return f"exit code {found}: {text[-300:]}"
        if "Traceback" in text:
            return "a traceback"
        lines = [line for line in said.getvalue().splitlines() if not line.startswith("note: ")]
        if code not in (0, 2) and len(lines) != 1:
            return f"{len(lines)} lines: {text[-300:]}"
        left = [str(p) for p in folder.rglob(".*") if p.is_file()]
        if left:
            return f"left {left}"
        missing = lacks(text, [words] if isinstance(words, str) else words)
        return f"does not say {missing}: {text[-300:]}" if missing else None

    return Case(name, run, xfail)
