"""Files of estimators: damaged, forged, of other versions; disks that are full."""

import io
import json
import resource
import zipfile

import numpy as np
import pandas as pd
import torch
from attack import Case, equal, refused, sound

from transomics.storage import load, save, write_atomically

VALUES = {
    "numbers": {"a": 1, "b": 2.5, "c": None, "d": True, "e": float("inf")},
    "text": ["", "é", "a\nb", "'\"", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")],
    "tuples": (1, (2, [3, (4,)]), {"x": (5,)}),
    "arrays": np.arange(6.0).reshape(2, 3),
    "an empty array": np.empty((0, 3)),
    "tensors": torch.arange(4.0),
    "a table": pd.DataFrame({"x": [1.0, np.nan], "y": ["a", "b"]}, ["r", "s"]),
    "a series": pd.Series([1, 2], ["a", "b"], name="n"),
    "a scalar of numpy": np.float32(1.5),
    "a number of numpy as key": {1: "a", 2: "b"},
}


def there_and_back(value):
    """Return a call that saves and loads."""
    return lambda folder: load(save(value, folder / "x.zip"))


CASES = [
    equal(f"comes back: {name}", there_and_back(value), value)
    for name, value in VALUES.items()
    if "key" not in name
]
CASES += [sound(f"comes back or is refused: {name}", there_and_back(value)) for name, value in VALUES.items()]


class Stranger:
    """A class that nobody registered."""


CASES += [
    refused(f"not saved: {name}", there_and_back(value), "registered class", named=False)
    for name, value in {
        "a function": len,
        "a stranger": Stranger(),
        "a class": Stranger,
        "an open file": io.StringIO(),
        "a generator": (k for k in "a"),
        "objects": np.array([Stranger()], dtype=object),
    }.items()
]


def forged(change, members=None):
    """Return a call that loads a file in which a member was changed."""

    def call(folder):
        save({"x": np.arange(3.0), "y": [1, 2]}, folder / "good.zip")
        with zipfile.ZipFile(folder / "good.zip") as good, zipfile.ZipFile(folder / "bad.zip", "w") as bad:
            content = {name: good.read(name) for name in good.namelist()}
            content = change(content) or content
            for name, data in content.items():
                bad.writestr(name, data)
        return load(folder / "bad.zip")

    return call


def manifest(**changes):
    """Return a change of the manifest."""
    return lambda c: c | {"manifest.json": json.dumps(json.loads(c["manifest.json"]) | changes).encode()}


def resealed(tree):
    """Return a change that replaces the tree, and gives it a right digest."""
    import hashlib

    def change(content):
        data = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
        seal = json.loads(content["manifest.json"])
        seal["sha256"]["estimator.json"] = hashlib.sha256(data).hexdigest()
        return content | {"estimator.json": data, "manifest.json": json.dumps(seal).encode()}

    return change


def without(name):
    """Return a change that drops a member."""
    return lambda c: {key: data for key, data in c.items() if not key.startswith(name)}


DEEP = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
BAD = {
    "format 99": manifest(format=99),
    "no format": lambda c: c | {"manifest.json": b"{}"},
    "format of text": manifest(format="2"),
    "a manifest of a list": lambda c: c | {"manifest.json": b"[]"},
    "a manifest that is no JSON": lambda c: c | {"manifest.json": b"{"},
    "no manifest": without("manifest"),
    "no tree": without("estimator"),
    "an array missing": lambda c: {k: v for k, v in c.items() if not k.endswith(".npy")},
    "a changed digest": manifest(sha256={"estimator.json": "0" * 64}),
    "a member outside": manifest(sha256={"../../etc/passwd": "0" * 64}),
    "deep JSON": resealed(DEEP),
    "a tree of a list": resealed([1, 2, 3]),
    "a class of another library": resealed({"kind": "object", "class": "os.system", "state": {}}),
    "a tree of nonsense": resealed({"type": "pickle", "value": "x"}),
    "a tree that is no JSON": resealed(b"\xff\xfe"),
    "NaN for a tree": resealed(b"NaN"),
    "an array of objects": lambda c: {
        k: (v if not k.endswith(".npy") else v.replace(b"<f8", b"|O ")) for k, v in c.items()
    },
    "a cut array": lambda c: {k: (v if not k.endswith(".npy") else v[:-3]) for k, v in c.items()},
}
NO_LIST = ("a tree of a list", "NaN for a tree", "a tree of nonsense", "a class of another library")
CASES += [
    refused(f"forged: {name}", forged(change), "bad.zip", "not a saved estimator")
    for name, change in BAD.items()
    if name not in NO_LIST
]
CASES += [sound(f"forged: {name}", forged(change)) for name, change in BAD.items() if name in NO_LIST]


def spoilt(change):
    """Return a call that loads a file whose bytes were changed."""

    def call(folder):
        save({"x": np.arange(50.0)}, folder / "good.zip")
        (folder / "bad.zip").write_bytes(change((folder / "good.zip").read_bytes()))
        return load(folder / "bad.zip")

    return call


CASES += [
    refused(f"cut after {k} bytes", spoilt(lambda b, k=k: b[:k]), "bad.zip") for k in (0, 1, 10, 100, 300)
]
CASES += [
    refused("text", spoilt(lambda b: b"hello"), "bad.zip"),
    refused("a pickle", spoilt(lambda b: b"\x80\x04N."), "bad.zip"),
]


def flips(seed):
    """Change single bytes: the same value, or a refusal."""

    def call(folder):
        value = {"x": np.arange(50.0), "name": "abc"}
        content, rng = save(value, folder / "good.zip").read_bytes(), np.random.default_rng(seed)
        for _ in range(60):
            bad = bytearray(content)
            bad[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
            (folder / "bad.zip").write_bytes(bytes(bad))
            try:
                found = load(folder / "bad.zip")
            except ValueError as error:
                assert "bad.zip" in str(error)
            else:
                assert np.array_equal(found["x"], value["x"]) and found["name"] == "abc"

    return call


CASES += [sound(f"60 changed bits, {seed}", flips(seed)) for seed in range(3)]
CASES.append(sound("no file", lambda folder: _missing(folder)))


def _missing(folder):
    """A file that is not there is a FileNotFoundError that names it."""
    try:
        load(folder / "none.zip")
    except FileNotFoundError as error:
        return "none.zip" in str(error)
    return False


def full_disk(folder):
    """A full disk leaves the file of yesterday."""
    path = save({"x": 1}, folder / "x.zip")
    before = path.read_bytes()
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, resource.RLIM_INFINITY))
    try:
        save({"x": np.random.default_rng(0).normal(size=1000)}, path)
        return "written"
    except OSError:
        left = [p.name for p in folder.iterdir()]
        return None if path.read_bytes() == before and left == ["x.zip"] else f"left {left}"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def interrupted(error):
    """Whatever ends a writer leaves nothing behind."""

    def run(folder):
        def writer(place):
            place.write_text("half")
            raise error

        try:
            write_atomically(folder / "x", writer)
        except type(error):
            return None if not list(folder.iterdir()) else "left something"
        return "no error"

    return run


CASES += [
    Case("full disk", full_disk),
    Case("no folder", lambda folder: None if _no_folder(folder) else "no error that names it"),
]
CASES += [
    Case(f"writer ends by {type(e).__name__}", interrupted(e))
    for e in (KeyboardInterrupt(), SystemExit(1), ValueError("x"), MemoryError())
]


def _no_folder(folder):
    """An absent folder is named."""
    try:
        save({"x": 1}, folder / "none" / "x.zip")
    except FileNotFoundError as error:
        return "none" in str(error)
    return False
