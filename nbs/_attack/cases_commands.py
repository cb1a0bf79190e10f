"""Odd command lines, odd files behind them, disks and memories that are full."""

import errno
import gzip
import io
import os
import resource
import subprocess
import sys
import threading
from contextlib import contextmanager
from unittest import mock

import anndata as ad
import numpy as np
import pandas as pd
from attack import Case, exits, refused

from transomics.app import main
from transomics.datasets import load

RNG = np.random.default_rng(0)
GENES = [f"G{k}" for k in range(300)]
RANKING = pd.Series(RNG.normal(size=300), GENES)
RANKING[:30] += 2
SETS = {"UP": GENES[:30], "REST": GENES[150:190]}
RNK = RANKING.to_csv(sep="\t", header=False)
GMT = "\n".join("\t".join([term, "", *genes]) for term, genes in SETS.items()) + "\n"
SAMPLES = pd.DataFrame(RNG.normal(size=(12, 300)), [f"s{k}" for k in range(12)], GENES)
ARMS = pd.DataFrame({"arm": ["case"] * 6 + ["control"] * 6}, SAMPLES.index)
LIMMA = pd.DataFrame({"logFC": RANKING, "AveExpr": 5.0, "t": RANKING * 3, "P.Value": 0.01, "adj.P.Val": 0.05})
DESEQ = pd.DataFrame(
    {"baseMean": 9.0, "log2FoldChange": RANKING, "stat": RANKING, "pvalue": 0.1, "padj": np.nan}
)
EDGER = pd.DataFrame({"logFC": RANKING, "logCPM": 3.0, "LR": RANKING**2, "PValue": 0.1, "FDR": 0.2})


def files(**contents):
    """Write files; return what makes a command line of words in which {name} is a path."""

    def line(*words):
        def call(folder):
            paths = {name: folder / f"{name}.dat" for name in contents} | {
                "out": folder / "out",
                "here": folder,
            }
            for name, content in contents.items():
                if callable(content):
                    content(paths[name])
                else:
                    paths[name].write_bytes(content.encode() if isinstance(content, str) else content)
            return [word.format(**paths) for word in words] + ["-o", str(paths["out"])]

        return call

    return line


def enrich(ranking=RNK, gmt=GMT, *words):
    """Return a call of enrich on these files."""
    return files(ranking=ranking, gmt=gmt)("enrich", "{ranking}", "{gmt}", "--permutations", "200", *words)


def h5ad(data):
    """Return what writes an h5ad."""
    return lambda path: data.copy().write_h5ad(path)


def kang(step=10):
    """Return a few cells."""
    return load("kang")[::step].copy()


DONE = "of 2 gene sets below 5 % FDR"
CASES = [
    exits("enrich: rnk", 0, DONE, enrich()),
    exits("enrich: packed", 0, DONE, enrich(gzip.compress(RNK.encode()), gzip.compress(GMT.encode()))),
    exits("enrich: rnk with a header", 0, DONE, enrich("gene\tscore\n" + RNK)),
    exits("enrich: rnk with comments", 0, DONE, enrich("# made by hand\n\n" + RNK)),
    exits("enrich: rnk with commas", 0, DONE, enrich(RNK.replace("\t", ","))),
    exits("enrich: rnk of Windows", 0, DONE, enrich(RNK.replace("\n", "\r\n"))),
    exits("enrich: limma by R", 0, "ranked by t", enrich(LIMMA.to_csv(quoting=2))),
    exits("enrich: limma, write.table", 0, "ranked by t", enrich(LIMMA.to_csv(sep="\t")[1:])),
    exits("enrich: DESeq2", 0, "ranked by stat", enrich(DESEQ.to_csv())),
    exits("enrich: edgeR", 0, "ranked by sign(logFC) sqrt(LR)", enrich(EDGER.to_csv(sep="\t"))),
    exits(
        "enrich: symbols in a column",
        0,
        "ranked by t",
        enrich(LIMMA.rename_axis("symbol").reset_index().to_csv(), GMT, "--genes-column", "symbol"),
    ),
    exits("enrich: --statistic", 0, "ranked by logFC", enrich(LIMMA.to_csv(), GMT, "--statistic", "logFC")),
    exits(
        "enrich: no such statistic", 1, "no column 'zzz'", enrich(LIMMA.to_csv(), GMT, "--statistic", "zzz")
    ),
    exits(
        "enrich: signatures",
        0,
        "of 4 gene sets",
        enrich(pd.DataFrame({"a": RANKING, "b": -RANKING}).to_csv()),
    ),
    exits(
        "enrich: a signature twice",
        1,
        "'a'",
        enrich(pd.DataFrame({"a": RANKING, "b": RANKING}).to_csv().replace("a,b", "a,a", 1)),
    ),
    exits("enrich: h5ad", 0, "of 24 gene sets", enrich(h5ad(ad.AnnData(SAMPLES)))),
    exits(
        "enrich: h5ad, a layer",
        0,
        "gene sets",
        enrich(h5ad(ad.AnnData(SAMPLES, layers={"z": SAMPLES.to_numpy()})), GMT, "--layer", "z"),
    ),
    exits(
        "enrich: no such layer", 1, "no layer 'raw'", enrich(h5ad(ad.AnnData(SAMPLES)), GMT, "--layer", "raw")
    ),
    exits("enrich: expression", 0, "note:", enrich(h5ad(ad.AnnData(SAMPLES.abs())), GMT)),
    exits("enrich: text among scores", 1, ["ranking.dat", "line 3"], enrich("A\t1\nB\t2\nC\thigh\n")),
    exits("enrich: NaN", 1, ["ranking.dat", "line 2"], enrich("A\t1\nB\tNA\nC\t2\n")),
    exits("enrich: a gene twice", 1, ["ranking.dat", "'A'"], enrich("A\t1\nA\t2\nC\t2\n")),
    exits("enrich: empty ranking", 1, "ranking.dat", enrich("")),
    exits("enrich: binary ranking", 1, "ranking.dat", enrich(bytes(range(256)))),
    exits("enrich: cut gz", 1, "ranking.dat", enrich(gzip.compress(RNK.encode())[:-20])),
    exits("enrich: cut h5ad", 1, "ranking.dat", enrich(b"\x89HDF\r\n\x1a\n" + bytes(99))),
    exits(
        "enrich: a row with a field too many",
        1,
        ["ranking.dat", "line 4"],
        enrich("g,a,b\nX,1,2\nY,1,2\nZ,1,2,3\n"),
    ),
    exits("enrich: text columns, no test", 1, "--statistic", enrich("gene,name,x\nA,a,1\nB,b,2\n")),
    exits("enrich: logFC alone", 1, "logFC", enrich(LIMMA[["logFC", "AveExpr"]].to_csv())),
    exits(
        "enrich: genes of another kind",
        1,
        "`gene_sets`",
        enrich("\n".join(f"ENSG{k}\t{k}" for k in range(50))),
    ),
    exits("enrich: all ties", 0, "note:", enrich("\n".join(f"G{k}\t1" for k in range(300)))),
    exits("enrich: two genes", 1, "transomics enrich: `", enrich("G0\t1\nG1\t2\n")),
    exits("enrich: empty gmt", 1, "gmt.dat", enrich(RNK, "")),
    exits("enrich: cut gmt", 1, ["gmt.dat", "line 1"], enrich(RNK, "UP\tx\n")),
    exits("enrich: a term twice", 1, ["gmt.dat", "line 2"], enrich(RNK, GMT.splitlines()[0] + "\n" + GMT)),
    exits("enrich: gmt of bytes", 1, "gmt.dat", enrich(RNK, b"UP\tx\t\xff\xfe\n")),
    exits("enrich: cut gmt.gz", 1, "gmt.dat", enrich(RNK, gzip.compress(GMT.encode())[:-9])),
    exits("enrich: min above max", 1, "`min_size`", enrich(RNK, GMT, "--min-size", "50", "--max-size", "10")),
    exits("enrich: no permutations", 1, "`n_permutations`", enrich(RNK, GMT, "--permutations", "0")),
    exits("enrich: a negative seed", 1, "`random_state`", enrich(RNK, GMT, "--seed", "-1")),
    exits("enrich: a word for a seed", 2, "--seed", enrich(RNK, GMT, "--seed", "x")),
    exits("enrich: shipped sets", 1, "`gene_sets`", files(ranking=RNK)("enrich", "{ranking}", "hallmark")),
    exits("enrich: no file", 2, "there is no file", files(gmt=GMT)("enrich", "nowhere.rnk", "{gmt}")),
    exits("enrich: a folder", 2, "is a folder", files(gmt=GMT)("enrich", "{here}", "{gmt}")),
    exits(
        "enrich: the result is a file",
        1,
        "name a folder",
        lambda folder: [*enrich()(folder)[:-1], str(folder / "gmt.dat")],
    ),
    exits(
        "enrich: a file in the way",
        1,
        "gmt.dat",
        lambda folder: [*enrich()(folder)[:-1], str(folder / "gmt.dat" / "x")],
    ),
    exits("enrich: positive without groups", 1, "`--groups`", enrich(RNK, GMT, "--positive", "case")),
    exits(
        "score: unknown method",
        2,
        "ssgsea",
        files(x=SAMPLES.to_csv(), gmt=GMT)("score", "{x}", "{gmt}", "--method", "mean"),
    ),
    exits("score: which side", 1, "`genes_in`", files(x=SAMPLES.to_csv(), gmt=GMT)("score", "{x}", "{gmt}")),
    exits("no command", 2, "COMMAND", lambda folder: []),
    exits("an unknown command", 2, "enrich", lambda folder: ["enrhic"]),
    exits("help", 0, "130 Ctrl-C", lambda folder: ["--help"]),
    exits("version", 0, "transomics", lambda folder: ["--version"]),
]

# odd names of sets and of signatures
for odd in ("$x", "a$b$", r"\frac{", "{x}", "%d", "<b>", "é", "A" * 300, "x_{^", "'\"", "`"):
    table = pd.DataFrame({odd: RANKING, "b": -RANKING}).to_csv(sep="\t")
    named = GMT.replace("UP", odd, 1)
    CASES.append(
        exits(f"enrich: a set and a signature called {odd[:9]}", 0, "of 4 gene sets", enrich(table, named))
    )

GROUPS = files(x=SAMPLES.to_csv(), gmt=GMT, arms=ARMS.to_csv(index_label="sample"))
BY = [
    "enrich",
    "{x}",
    "{gmt}",
    "--genes-in",
    "columns",
    "--samples",
    "{arms}",
    "--permutations",
    "100",
    "--groups",
]
CASES += [
    exits("groups", 0, DONE, GROUPS(*BY, "arm", "--positive", "case")),
    exits("groups: both", 0, DONE, GROUPS(*BY, "arm", "--positive", "case", "--negative", "control")),
    exits("groups: no positive", 1, "`--positive`", GROUPS(*BY, "arm")),
    exits("groups: no such group", 1, "'kase'", GROUPS(*BY, "arm", "--positive", "kase")),
    exits("groups: no such column", 1, "'leg'", GROUPS(*BY, "leg", "--positive", "case")),
    exits("groups: against itself", 1, "`", GROUPS(*BY, "arm", "--positive", "case", "--negative", "case")),
    exits(
        "groups: samples of another study",
        1,
        "`--samples`",
        files(x=SAMPLES.to_csv(), gmt=GMT, arms="sample,arm\nz1,case\n")(*BY, "arm", "--positive", "case"),
    ),
    exits(
        "groups: a sample twice",
        1,
        "`--samples`",
        files(x=SAMPLES.to_csv(), gmt=GMT, arms="sample,arm\ns0,case\ns0,case\n")(
            *BY, "arm", "--positive", "case"
        ),
    ),
    exits(
        "groups: some samples unknown",
        1,
        "`",
        files(x=SAMPLES.to_csv(), gmt=GMT, arms="sample,arm\ns0,case\ns1,control\n")(
            *BY, "arm", "--positive", "case"
        ),
    ),
    exits(
        "groups: flat genes",
        0,
        "do not vary",
        files(x=SAMPLES.assign(G299=1.0).to_csv(), gmt=GMT, arms=ARMS.to_csv())(
            *BY, "arm", "--positive", "case"
        ),
    ),
    exits(
        "groups: counts",
        0,
        "brought to logs",
        files(x=(SAMPLES.abs() * 100).round().to_csv(), gmt=GMT, arms=ARMS.to_csv())(
            *BY, "arm", "--positive", "case"
        ),
    ),
]
SCORE = ["score", "{x}", "{gmt}", "--genes-in", "columns", "--method"]
CASES += [
    exits(f"score: {m}", 0, "12 samples x 2 gene sets", files(x=SAMPLES.to_csv(), gmt=GMT)(*SCORE, m))
    for m in ("ssgsea", "gsva", "aucell", "ulm", "zscore", "plage", "weighted_sum")
]
CASES += [
    exits(f"score: {m}, a hole", 1, "`", files(x=SAMPLES.mask(SAMPLES > 2.5).to_csv(), gmt=GMT)(*SCORE, m))
    for m in ("ssgsea", "ulm")
]
ORA = ["ora", "{hits}", "{gmt}", "--background", "{all}"]
CASES += [
    exits("ora", 0, DONE, files(hits="\n".join(GENES[:40]), gmt=GMT, all="\n".join(GENES))(*ORA)),
    exits("ora: a table", 0, DONE, files(hits=LIMMA[:40].to_csv(), gmt=GMT, all=LIMMA.to_csv())(*ORA)),
    exits(
        "ora: a gene twice",
        0,
        DONE,
        files(hits="\n".join(GENES[:40] * 2), gmt=GMT, all="\n".join(GENES))(*ORA),
    ),
    exits(
        "ora: a stranger", 1, ["`genes`", "'X1'"], files(hits="G1\nX1\n", gmt=GMT, all="\n".join(GENES))(*ORA)
    ),
    exits("ora: an empty list", 1, "hits.dat", files(hits="", gmt=GMT, all="\n".join(GENES))(*ORA)),
    exits(
        "ora: the whole background",
        1,
        "`genes`",
        files(hits="\n".join(GENES), gmt=GMT, all="\n".join(GENES))(*ORA),
    ),
    exits("ora: bytes", 1, "hits.dat", files(hits=b"\xff\xfe\n", gmt=GMT, all="\n".join(GENES))(*ORA)),
    exits("ora: no background", 2, "--background", files(hits="G1", gmt=GMT)("ora", "{hits}", "{gmt}")),
]


def slashed():
    """Return cells whose contexts and drugs have slashes in their names."""
    cells = kang(4)
    cells.obs["cell_type"] = cells.obs["cell_type"].astype(str).str.replace("CD14+ Monocytes", "CD14/CD16")
    return cells


def survives(folder):
    """A slash in the name of a context survives in the h5ad that perturb writes."""
    call = files(x=h5ad(slashed()))(*PERTURB, "CD14/CD16", "--method", "mean")
    if main(call(folder)):
        return "failed"
    found = ad.read_h5ad(folder / "out" / "response.h5ad").uns["nearest_context"]
    return None if list(found.index) == ["CD14/CD16"] else f"index {list(found.index)}"


PERTURB = [
    "perturb",
    "{x}",
    "--perturbation",
    "condition",
    "--context",
    "cell_type",
    "--control",
    "ctrl",
    "--target",
]
CELLS = files(
    x=h5ad(kang()), peaks=h5ad(load("scicar")["atac"][:5]), junk="junk", cut=b"\x89HDF\r\n\x1a\n" + bytes(50)
)
CASES += [
    Case("perturb: a slash survives", survives),
    exits("perturb: no such target", 1, "'Neurons' is none of", CELLS(*PERTURB, "Neurons")),
    exits(
        "perturb: no such control",
        1,
        "`",
        files(x=h5ad(kang()))(*[w.replace("ctrl", "DMSO") for w in PERTURB], "B cells"),
    ),
    exits(
        "perturb: no such column",
        1,
        "'drug'",
        CELLS(*[w.replace("condition", "drug") for w in PERTURB], "B cells"),
    ),
    exits("perturb: a misspelt method", 1, "'meen'", CELLS(*PERTURB, "B cells", "--method", "meen")),
    exits("perturb: junk", 1, "junk.dat", CELLS("perturb", "{junk}", *PERTURB[2:], "B cells")),
    exits("adapt: cut", 1, "cut.dat", CELLS("adapt", "{cut}", "{x}", "--label", "cell_type")),
    exits("adapt: no such label", 1, "'er'", CELLS("adapt", "{x}", "{x}", "--label", "er")),
    exits("adapt: no label given", 2, "--label", CELLS("adapt", "{x}", "{x}")),
    exits(
        "adapt: a misspelt method",
        1,
        "dann",
        CELLS("adapt", "{x}", "{x}", "--label", "cell_type", "--method", "dan"),
    ),
    exits(
        "adapt: a missing genes column",
        1,
        "`--genes-column`",
        CELLS("adapt", "{x}", "{x}", "--label", "cell_type", "--genes-column", "symbol"),
    ),
    exits(
        "annotate: peaks without genes",
        1,
        "--genes hg19",
        CELLS("annotate", "{x}", "{peaks}", "--label", "cell_type"),
    ),
    exits(
        "annotate: a BED that is none",
        1,
        "junk.dat",
        CELLS("annotate", "{x}", "{peaks}", "--label", "cell_type", "--genes", "{junk}"),
    ),
    exits(
        "annotate: no BED file",
        2,
        "there is no file",
        CELLS("annotate", "{x}", "{peaks}", "--label", "cell_type", "--genes", "none.bed"),
    ),
    exits(
        "annotate: genes for peaks",
        1,
        "`atac`",
        CELLS("annotate", "{x}", "{x}", "--label", "cell_type", "--genes", "hg19"),
    ),
]


# ---- streams


def piped(folder, how):
    """The ranking comes through standard input, /dev/stdin or a pipe."""
    (folder / "sets.gmt").write_text(GMT)
    words = {"-": "-", "/dev/stdin": "/dev/stdin", "pipe": str(folder / "pipe")}[how]
    if how == "pipe":
        os.mkfifo(folder / "pipe")
        threading.Thread(target=lambda: (folder / "pipe").write_text(RNK), daemon=True).start()
    line = [sys.executable, "-c", "from transomics.app import main; raise SystemExit(main())"]
    line += ["enrich", words, str(folder / "sets.gmt"), "-o", str(folder / "out"), "--permutations", "100"]
    done = subprocess.run(line, input=RNK, text=True, capture_output=True, check=False)
    return (
        None if done.returncode == 0 and DONE in done.stdout else f"{done.returncode}: {done.stderr[-300:]}"
    )


def said_by(folder, *words):
    """Run a command; return its code and what it said on standard error."""
    with mock.patch("sys.stderr", io.StringIO()) as said, mock.patch("sys.stdout", io.StringIO()):
        return main([*words]), said.getvalue()


def broken(where, error, code, words):
    """An error that arises somewhere becomes one line and a code, and leaves nothing half-written."""

    def run(folder):
        with mock.patch(where, side_effect=error):
            found, said = said_by(folder, *enrich()(folder))
        left = [path.name for path in (folder / "out").glob("*")] if (folder / "out").exists() else []
        fine = found == code and words in said and said.count("\n") == 1 and not left
        return None if fine else f"{found}, {said!r}, left {left}"

    return run


@contextmanager
def small_disk(n_bytes):
    """Let no file grow beyond a size, as a full disk would."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def full_disk(line, keeps):
    """What stood there before stays, and no neighbour is left."""

    def run(folder):
        words = line(folder)
        (folder / "out").mkdir()
        (folder / "out" / keeps).write_text("of yesterday")
        with small_disk(200):
            found, said = said_by(folder, *words)
        left = {path.name: path.stat().st_size for path in (folder / "out").iterdir()}
        hidden = [name for name in left if name.startswith(".")]
        whole = (folder / "out" / keeps).read_text() == "of yesterday"
        fine = found == 3 and keeps in said and whole and not hidden
        return None if fine else f"{found}, {said!r}, {left}"

    return run


CASES += [
    Case(f"enrich: from {how}", lambda folder, how=how: piped(folder, how))
    for how in ("-", "/dev/stdin", "pipe")
]
PRERANK = "transomics.gsea.prerank"
CASES += [
    Case("Ctrl-C", broken(PRERANK, KeyboardInterrupt, 130, "interrupted")),
    Case("no memory", broken(PRERANK, MemoryError("Unable to allocate 9 TiB"), 3, "out of memory: Unable")),
    Case(
        "no memory on the accelerator",
        broken(PRERANK, RuntimeError("CUDA out of memory. Tried"), 3, "out of memory"),
    ),
    Case(
        "diverged", broken(PRERANK, FloatingPointError("`loss`: it is NaN; lower the rate"), 3, "it is NaN")
    ),
    Case("an absent package", broken(PRERANK, ImportError("rdkit is needed"), 1, "rdkit is needed")),
    Case("a fault of ours", broken(PRERANK, AttributeError("no x"), 4, "unexpected AttributeError: no x")),
    Case("a KeyError of a library", broken(PRERANK, KeyError("x"), 4, "unexpected KeyError")),
    Case("an assertion", broken(PRERANK, AssertionError(), 4, "unexpected AssertionError")),
    Case("recursion", broken(PRERANK, RecursionError("too deep"), 4, "unexpected RecursionError")),
    Case("a message of many lines", broken(PRERANK, ValueError("`a`: b\nc\n  d"), 1, "`a`: b c d")),
    Case(
        "no permission",
        broken(PRERANK, PermissionError(errno.EACCES, "Permission denied", "/x"), 1, "/x: Permission denied"),
    ),
    Case("full disk: csv", full_disk(enrich(RNK, GMT, "--min-size", "1"), "enrichment.csv")),
    Case(
        "full disk: h5ad",
        full_disk(files(x=h5ad(kang()))(*PERTURB, "B cells", "--method", "mean"), "response.h5ad"),
    ),
    Case(
        "full disk: scores",
        full_disk(files(x=SAMPLES.to_csv(), gmt=GMT)(*SCORE, "ulm", "--format", "h5ad"), "scores.h5ad"),
    ),
]


def page(folder):
    """Names that look like HTML or mathematics stay names on the page."""
    odd = "<script>alert(1)</script>$\\frac{_^"
    main(enrich(RNK, GMT.replace("UP", odd, 1))(folder))
    html = (folder / "out" / "index.html").read_text()
    return (
        None
        if "<script>" not in html and "&lt;script&gt;" in html and "http" not in html
        else "a name became HTML"
    )


CASES += [
    Case("a page of odd names", page),
    refused(
        "--out is a file",
        lambda folder: __import__("transomics.app.cli").app.cli.output_folder("/dev/null").__enter__(),
        "`--out`",
    ),
]
