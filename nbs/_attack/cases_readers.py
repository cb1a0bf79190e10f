"""Odd files for the readers: text, HDF5, and what hypothesis makes of them."""

import bz2
import gzip
from functools import partial

import anndata as ad
import h5py
import numpy as np
import pandas as pd
from attack import equal, refused, sound, told
from damage import (
    FORMATS,
    HDF5,
    check_array,
    check_byte,
    check_cut,
    check_cut_hdf5,
    check_field,
    check_round_trip,
    tables,
    write_hdf5,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scipy import sparse

from transomics.readers import (
    read,
    read_10x_h5,
    read_archs4,
    read_bed,
    read_gct,
    read_gctx,
    read_h5ad,
    read_matrix,
    read_table,
)

MATRIX = partial(read_matrix, genes_in="rows")
HEAD = "gene,S0,S1\n"
GCT = "#1.2\n2\t2\nName\tDescription\tS0\tS1\n"
SERIES = '!Series_title\t"x"\n!series_matrix_table_begin\n"ID_REF"\t"S0"\t"S1"\n'
END = "!series_matrix_table_end\n"
GOOD = pd.DataFrame([[1.0, 3.0], [2.0, 4.0]], ["S0", "S1"], ["TP53", "MYC"])
BED = "chr17\t7571720\t7590868\tTP53\t.\t-\n"

REFUSED = [  # name, reader, what is in the file, words of the refusal
    ("empty", MATRIX, "", "is empty"),
    ("one line end", MATRIX, "\n", "not a table"),
    ("blanks only", MATRIX, "   \n  \n", "not a table"),
    ("names only", MATRIX, HEAD, "no rows"),
    ("names without line end", MATRIX, "gene,S0", "no rows"),
    ("one word", MATRIX, "hello", "not a table"),
    ("a page of error", MATRIX, "<html><body>404</body></html>\n", "not a table"),
    ("binary junk", MATRIX, bytes(range(256)) * 8, "file.txt"),
    ("junk after the names", MATRIX, HEAD.encode() + b"\x00\x01\x02,1,2\n", "line 2"),
    ("bytes that are no text", MATRIX, HEAD.encode() + b"TP\xff3,1,2\n", "line 2, holds bytes"),
    ("Latin-1 in the names", MATRIX, "gene,S0,été\nTP53,1,2\n".encode("latin-1"), "line 1"),
    ("UTF-16", MATRIX, (HEAD + "TP53,1,2\n").encode("utf-16"), "file.txt"),
    ("NUL in a number", MATRIX, HEAD + "TP53,1\0,2\n", "line 2"),
    ("NUL in a name of a sample", MATRIX, "gene,S\0,S1\nTP53,1,2\n", "line 1"),
    ("a field too many", MATRIX, HEAD + "TP53,1,2,3\n", "line 1", "3 names for 4 fields"),
    ("a field too many in the last line", MATRIX, HEAD + "TP53,1,2\nMYC,3,4,5\n", "line 3, has 4 fields"),
    ("a field too few", MATRIX, HEAD + "TP53,1,2\nMYC,3\nESR1,1,2\n", "line 3, has 2 fields"),
    ("a name alone", MATRIX, HEAD + "TP53,1,2\nMYC\n", "line 3, has 1 fields"),
    ("a separator too many", MATRIX, HEAD + "TP53,1,2,\n", "line 1", "3 names for 4 fields"),
    ("separators alone", MATRIX, HEAD + ",,\n", "line 2, begins without a name"),
    ("two tables in one", MATRIX, HEAD + "TP53,1,2\n" + HEAD + "MYC,3,4\n", "line 3, holds 'S0'"),
    ("a word", MATRIX, HEAD + "TP53,1,high\n", "line 2, holds 'high' in column 'S1'"),
    ("a decimal comma", MATRIX, "gene;S0;S1\nTP53;1,5;2\n", "decimal points"),
    ("a thousands separator", MATRIX, 'gene,S0,S1\nTP53,"1,500",2\n', "line 2, holds '1,500'"),
    ("a date", MATRIX, HEAD + "TP53,2024-01-01,2\n", "line 2, holds '2024-01-01'"),
    ("a spreadsheet's error", MATRIX, HEAD + "TP53,#REF!,2\n", "line 2, holds '#REF!'"),
    ("a complex number", MATRIX, HEAD + "TP53,1+2j,2\n", "line 2, holds '1+2j'"),
    ("a hexadecimal number", MATRIX, HEAD + "TP53,0x1F,2\n", "line 2, holds '0x1F'"),
    ("a truth", MATRIX, HEAD + "TP53,TRUE,2\n", "line 2, holds 'TRUE'"),
    ("a blank field", MATRIX, HEAD + "TP53, ,2\n", "line 2"),
    ("1e300", MATRIX, HEAD + "TP53,1e300,2\n", "line 2, holds 1e+300"),
    ("an open quote", MATRIX, HEAD + '"TP53,1,2\n', "line 2, opens a quote"),
    ("a quote over two lines", MATRIX, HEAD + '"TP\n53",1,2\n', "line 2"),
    ("a sample twice", MATRIX, "gene,S0,S0\nTP53,1,2\n", "'S0'"),
    ("a gene twice", MATRIX, HEAD + "TP53,1,2\nTP53,3,4\n", "1 genes twice", "merge"),
    ("a sample without a name", MATRIX, "gene,S0,\nTP53,1,2\n", "column 2 of 2"),
    ("a gene without a name", MATRIX, HEAD + "TP53,1,2\n,3,4\n", "line 3, begins without a name"),
    ("a short line of names", MATRIX, "gene,S0\nTP53,1,2\n", "2 names for 3 fields"),
    ("other separators below", MATRIX, HEAD + "TP53\t1\t2\n", "file.txt"),
    ("HTML below the names", MATRIX, HEAD + "<br>\n", "line 2"),
    ("ragged", MATRIX, HEAD + "TP53,1,2\n" * 0 + "A,1,2\nB,1,2,3,4\nC\n", "line 3, has 5 fields"),
    (
        "broken at line 3000",
        MATRIX,
        HEAD + "".join(f"G{k},1,2\n" for k in range(2998)) + "X,1\n",
        "line 3000",
    ),
    (
        "a word at line 2500",
        MATRIX,
        HEAD + "".join(f"G{k},1,{'x' if k == 2498 else 2}\n" for k in range(2600)),
        "line 2500",
    ),
    ("which side are the genes on", read_matrix, "a,S0,S1\nX,1,2\nY,3,4\n", "`genes_in`"),
    ("GCT: empty", read_gct, "", "not GCT"),
    ("GCT: another version", read_gct, GCT.replace("1.2", "1.9") + "A\t-\t1\t2\nB\t-\t3\t4\n", "not GCT"),
    ("GCT: no size", read_gct, "#1.2\n\nName\tDescription\tS0\n", "announce its size"),
    (
        "GCT: words for a size",
        read_gct,
        GCT.replace("2\t2", "two\ttwo") + "A\t-\t1\t2\n",
        "announce its size",
    ),
    ("GCT: negative size", read_gct, GCT.replace("2\t2", "-2\t2") + "A\t-\t1\t2\n", "announce its size"),
    ("GCT: a gene short", read_gct, GCT + "A\t-\t1\t2\n", "announces 2 genes and has 1"),
    (
        "GCT: a gene too many",
        read_gct,
        GCT + "A\t-\t1\t2\nB\t-\t3\t4\nC\t-\t5\t6\n",
        "announces 2 genes and has 3",
    ),
    ("GCT: a sample too many", read_gct, GCT.replace("S1", "S1\tS2") + "A\t-\t1\t2\t3\n", "line 3"),
    ("GCT: a field too many", read_gct, GCT + "A\t-\t1\t2\nB\t-\t3\t4\t5\n", "line 5, has 5 fields"),
    ("GCT: a field too few", read_gct, GCT + "A\t-\t1\nB\t-\t3\t4\n", "line 4, has 3 fields"),
    ("GCT: a word", read_gct, GCT + "A\t-\t1\tx\nB\t-\t3\t4\n", "line 4, holds 'x' in column 'S1'"),
    ("GCT: a gene twice", read_gct, GCT + "A\t-\t1\t2\nA\t-\t3\t4\n", "1 genes twice"),
    ("GCT: a sample without a name", read_gct, GCT.replace("S1", "") + "A\t-\t1\t2\nB\t-\t3\t4\n", "line 3"),
    ("GCT: header only", read_gct, GCT, "no rows"),
    ("GCT: one line", read_gct, "#1.2", "announce its size"),
    (
        "GCT 1.3: annotation short",
        read_gct,
        "#1.3\n1\t2\t1\t1\nid\td\tS0\tS1\nage\tna\t3\nA\t-\t1\t2\n",
        "line 4",
    ),
    ("series: no table", MATRIX, '!Series_title\t"x"\n', "table_begin` is missing"),
    ("series: empty table", MATRIX, SERIES + END, "empty table"),
    ("series: no end", MATRIX, SERIES + '"TP53"\t1\t2\n', "table_end` is missing"),
    ("series: a field too many", MATRIX, SERIES + '"TP53"\t1\t2\t3\n' + END, "line 4, has 4 fields"),
    (
        "series: text after the end",
        MATRIX,
        SERIES + '"TP53"\t1\t2\n' + END + '"MYC"\t1\t2\n',
        "line 6, follows",
    ),
    ("series: a word", MATRIX, SERIES + '"TP53"\t1\tx\n' + END, "line 4, holds 'x'"),
    (
        "series: uneven facts",
        MATRIX,
        '!Sample_title\t"a"\n' + SERIES + '"TP53"\t1\t2\n' + END,
        "'title' tells about 1",
    ),
    ("BED: empty", read_bed, "", "is empty"),
    ("BED: three columns", read_bed, "chr1\t5\t9\n", "line 1, has no ['strand', 'symbol']"),
    ("BED: commas", read_bed, "chr1,5,9,A,0,+\n", "line 1"),
    ("BED: a row short", read_bed, BED + "chr1\t5\n", "line 2, has 2 fields"),
    ("BED: a row long", read_bed, BED + BED.strip() + "\tx\n", "line 2, has 7 fields"),
    (
        "BED: a negative start",
        read_bed,
        "chr1\t5\t9\tA\t0\t+\nchr1\t-5\t9\tA\t0\t+\n",
        "line 2, holds '-5' as start",
    ),
    ("BED: a fraction", read_bed, BED + "chr1\t5\t9.5\tA\t0\t+\n", "line 2, holds '9.5' as end"),
    ("BED: comments only", read_bed, "# nothing\n", "line"),
    ("BED: binary", read_bed, b"\x00\x01\x02\x03\n", "line 1"),
    ("results: empty", read_table, "", "is empty"),
    ("results: names only", read_table, "gene,t\n", "no rows"),
    ("results: a column twice", read_table, "gene,t,t\nA,1,2\n", "column 't' twice"),
    ("results: a row long", read_table, "gene,t\nA,1\nB,2,3\n", "line 3, has 3 fields"),
    ("results: bytes", read_table, b"gene,t\nA\xff,1\n", "line 2, holds bytes"),
]

READ = [  # name, reader, what is in the file, the table
    ("comma", MATRIX, HEAD + "TP53,1,2\nMYC,3,4\n", GOOD),
    ("tab", MATRIX, (HEAD + "TP53,1,2\nMYC,3,4\n").replace(",", "\t"), GOOD),
    ("semicolon", MATRIX, (HEAD + "TP53,1,2\nMYC,3,4\n").replace(",", ";"), GOOD),
    ("Windows", MATRIX, (HEAD + "TP53,1,2\nMYC,3,4\n").replace("\n", "\r\n"), GOOD),
    ("old Mac", MATRIX, (HEAD + "TP53,1,2\nMYC,3,4\n").replace("\n", "\r"), GOOD),
    ("byte order mark", MATRIX, "\ufeff" + HEAD + "TP53,1,2\nMYC,3,4\n", GOOD),
    ("blank lines", MATRIX, HEAD + "\nTP53,1,2\n\n\nMYC,3,4\n\n", GOOD),
    ("blanks around names", MATRIX, "gene, S0 ,S1\n TP53,1,2\nMYC ,3,4\n", GOOD),
    ("R's write.csv", MATRIX, '"","S0","S1"\n"TP53",1,2\n"MYC",3,4\n', GOOD),
    ("R's write.table", MATRIX, '"S0" "S1"\n"TP53" 1 2\n"MYC" 3 4\n', GOOD),
    ("R's write.table with tabs", MATRIX, "S0\tS1\nTP53\t1\t2\nMYC\t3\t4\n", GOOD),
    ("quoted numbers", MATRIX, HEAD + 'TP53,"1","2"\nMYC,"3","4"\n', GOOD),
    ("exponents", MATRIX, HEAD + "TP53,1e0,20e-1\nMYC,+3,4.\n", GOOD),
    ("one sample", MATRIX, "gene,S0\nTP53,1\nMYC,3\n", GOOD.iloc[:1]),
    ("one gene", MATRIX, HEAD + "TP53,1,2\n", GOOD[["TP53"]]),
    ("R's headed one column", MATRIX, '"S0"\n"TP53" 1\n"MYC" 3\n', GOOD.iloc[:1]),
    ("genes called NA and null", MATRIX, HEAD + "NA,1,2\nnull,3,4\n", GOOD.set_axis(["NA", "null"], axis=1)),
    ("samples called NA and nan", MATRIX, "gene,NA,nan\nTP53,1,2\nMYC,3,4\n", GOOD.set_axis(["NA", "nan"])),
    (
        "a comma in a quoted name",
        MATRIX,
        HEAD + '"TP,53",1,2\nMYC,3,4\n',
        GOOD.set_axis(["TP,53", "MYC"], axis=1),
    ),
    (
        "numbers as names",
        MATRIX,
        "id,1,2\n7157,1,2\n4609,3,4\n",
        GOOD.set_axis(["1", "2"]).set_axis(["7157", "4609"], axis=1),
    ),
    ("missing numbers", MATRIX, HEAD + "TP53,NA,2\nMYC,,4\n", GOOD.mask(GOOD.isin([1.0, 3.0]))),
    (
        "infinite numbers",
        MATRIX,
        HEAD + "TP53,Inf,2\nMYC,-Inf,4\n",
        GOOD.replace({1.0: np.inf, 3.0: -np.inf}),
    ),
    ("samples in rows", read_matrix, "x,TP53,MYC\nS0,1,3\nS1,2,4\n", GOOD),
    ("GCT", read_gct, GCT + "TP53\t-\t1\t2\nMYC\t-\t3\t4\n", GOOD),
    ("GCT with quotes in text", read_gct, GCT + 'TP53\t5" x\t1\t2\nMYC\t-\t3\t4\n', GOOD),
    ("series", MATRIX, SERIES + '"TP53"\t1\t2\n"MYC"\t3\t4\n' + END, GOOD),
    ("series with a blank end", MATRIX, SERIES + '"TP53"\t1\t2\n"MYC"\t3\t4\n' + END + "\n\n", GOOD),
    ("read: text", partial(read, genes_in="rows"), HEAD + "TP53,1,2\nMYC,3,4\n", GOOD),
    ("read: GCT", read, GCT + "TP53\t-\t1\t2\nMYC\t-\t3\t4\n", GOOD),
]

PLACES = {"chromosome": ["chr17"], "start": [7571720], "end": [7590868], "symbol": ["TP53"], "strand": ["-"]}
READ_BED = [
    ("plain", BED),
    ("headed", "chrom\tstart\tend\tname\tscore\tstrand\n" + BED),
    ("headed by #", "#chrom\tstart\tend\tname\tscore\tstrand\n" + BED),
    ("headed, other order", "symbol\tstrand\tchromosome\tstart\tend\nTP53\t-\tchr17\t7571720\t7590868\n"),
    ("a track line", 'track name="x" description="y"\nbrowser position chr1\n' + BED),
    ("more columns", BED.strip() + "\t7571720\t7590868\t0\n"),
]


def put(content, name="file.txt"):
    """Return what writes content into a folder."""

    def write(folder):
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def of(reader, content, name="file.txt"):
    """Return a call that writes a file and reads it."""
    return lambda folder: reader(put(content, name)(folder))


CASES = [refused(f"text: {name}", of(reader, content), *words) for name, reader, content, *words in REFUSED]
CASES += [equal(f"reads {name}", of(reader, content), table) for name, reader, content, table in READ]
CASES += [
    equal(f"reads {name}, packed", of(reader, gzip.compress(content.encode())), table)
    for name, reader, content, table in READ
]
CASES += [
    equal(f"reads BED {name}", of(read_bed, content), pd.DataFrame(PLACES)) for name, content in READ_BED
]

PACKED = gzip.compress((HEAD + "".join(f"G{k},{k}.25,2\n" for k in range(500))).encode())
CASES += [
    refused("gz: cut", of(MATRIX, PACKED[:-9]), "damaged or truncated"),
    refused("gz: cut in the middle", of(MATRIX, PACKED[: len(PACKED) // 2]), "damaged or truncated"),
    refused("gz: cut in the head", of(MATRIX, PACKED[:5]), "damaged or truncated"),
    refused("gz: empty", of(MATRIX, gzip.compress(b"")), "file.txt"),
    refused("gz: a changed byte", of(MATRIX, PACKED[:200] + b"\x00" + PACKED[201:]), "damaged or truncated"),
    refused(
        "gz: wrong check sum", of(MATRIX, PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:]), "damaged or truncated"
    ),
    refused("gz: text behind it", of(MATRIX, PACKED + b"junk"), "file.txt"),
    refused("bz2", of(MATRIX, bz2.compress(HEAD.encode())), "file.txt"),
    refused("a zip", of(MATRIX, b"PK\x03\x04" + bytes(200)), "file.txt"),
    refused("a picture", of(read, b"\x89PNG\r\n\x1a\n" + bytes(range(200))), "file.txt"),
    refused("no file", lambda folder: read(folder / "none.csv"), "there is no file", by=(FileNotFoundError,)),
    refused("a folder", lambda folder: read(folder), "there is no file", by=(FileNotFoundError,)),
    told("no last line end", of(MATRIX, HEAD + "TP53,1,2\nMYC,3,4"), "the last line does not end"),
    told("2^24 + 1", of(MATRIX, HEAD + "TP53,16777217,2\n"), "counts above 2^24 are rounded"),
    told(
        "a gene twice, averaged",
        of(partial(MATRIX, duplicates="mean"), HEAD + "A,1,2\nA,3,4\n"),
        "1 columns merged",
    ),
    refused("unknown duplicates", of(partial(MATRIX, duplicates="max"), HEAD + "A,1,2\n"), "`duplicates`"),
    refused("unknown genes_in", of(partial(read_matrix, genes_in="left"), HEAD + "A,1,2\n"), "`genes_in`"),
    refused(
        "an absent gene",
        of(partial(MATRIX, genes=["TP35"]), HEAD + "TP53,1,2\n"),
        "`genes`",
        "nearest: 'TP53'",
    ),
    refused(
        "a gene asked for twice", of(partial(MATRIX, genes=["A", "A"]), HEAD + "A,1,2\n"), "`genes`", "twice"
    ),
    refused("no gene asked for", of(partial(MATRIX, genes=[]), HEAD + "A,1,2\n"), "`genes`", "empty list"),
    refused("an absent sample", of(partial(MATRIX, samples=["S9"]), HEAD + "A,1,2\n"), "`samples`"),
    refused(
        "no regular expression",
        of(partial(read_gct, samples={"x": "("}), "#1.3\n1\t1\t0\t1\nid\tS0\nx\ta\nA\t1\n"),
        "regular expression",
    ),
    equal(
        "names of R results",
        of(read_table, '"","t"\n"NA",1\n"null",2\n'),
        pd.DataFrame({"t": [1.0, 2.0]}, ["NA", "null"]),
    ),
]


# ---- HDF5: one array of a healthy file is spoilt


def spoil(kind, reader, where, value, place=0, suffix="h5"):
    """Replace one number of an array (None: the array is removed), and read."""

    def call(folder):
        path = folder / f"file.{suffix}"
        MAKE[kind](path)
        with h5py.File(path, "r+") as file:
            if callable(value):
                value(file)
            elif value is None:
                del file[where]
            elif isinstance(value, list | np.ndarray):
                del file[where]
                file[where] = value
            else:
                file[where][place] = value
        return reader(path)

    return call


def make_h5ad(path):
    """Write a sparse h5ad with a layer."""
    values = sparse.random(5, 6, 0.5, "csr", np.float32, rng=0)
    data = ad.AnnData(
        values, layers={"counts": values.copy()}, obs=pd.DataFrame({"kind": list("aabbb")}, list("vwxyz"))
    )
    data.write_h5ad(path)


MAKE = {
    "10x": partial(write_hdf5, "10x"),
    "gctx": partial(write_hdf5, "gctx"),
    "archs4": partial(write_hdf5, "archs4"),
    "h5ad": make_h5ad,
}
ARCHS4 = partial(read_archs4, samples=["c0", "c1"])
NUMBERS = [-(2**31), -1, 6, 2**31 - 1]
CASES += [
    refused(f"10x: indices[3] = {n}", spoil("10x", read_10x_h5, "matrix/indices", n, 3), "file.h5", "sparse")
    for n in NUMBERS
]
CASES += [
    refused(
        f"10x: indptr[2] = {n}", spoil("10x", read_10x_h5, "matrix/indptr", n, 2), "file.h5", "fit together"
    )
    for n in (-(2**31), -1, 2**31 - 1, 0)
]
CASES += [
    refused(
        f"10x: indptr[{k}] = 1", spoil("10x", read_10x_h5, "matrix/indptr", 1, k), "file.h5", "fit together"
    )
    for k in (0, 5)
]
CASES += [
    refused(f"10x: data[0] = {n}", spoil("10x", read_10x_h5, "matrix/data", n), "file.h5", "below zero")
    for n in (-1, -(2**31))
]
CASES += [
    refused(f"10x: without {w}", spoil("10x", read_10x_h5, f"matrix/{w}", None), "file.h5")
    for w in ("data", "indices", "indptr", "barcodes", "features", "features/name")
]
CASES += [
    refused(f"10x: {w} is {np.asarray(v).dtype}", spoil("10x", read_10x_h5, f"matrix/{w}", v), "file.h5")
    for w, v in {
        "indices": [0.5, 1.5],
        "indptr": [0.0, 1, 2, 3, 4, 5],
        "data": [1],
        "barcodes": ["c0"],
        "shape": [6, 6],
        "features/id": ["G0"],
    }.items()
]
CASES += [
    refused(
        "10x: an array that is a group",
        spoil(
            "10x", read_10x_h5, "", lambda f: (f.__delitem__("matrix/data"), f.create_group("matrix/data"))
        ),
        "file.h5",
    ),
    refused("10x: a barcode twice", spoil("10x", read_10x_h5, "matrix/barcodes", ["c0"] * 5), "'c0'"),
    refused(
        "10x: two axes of pointers",
        spoil("10x", read_10x_h5, "matrix/indptr", np.zeros((6, 1), int)),
        "file.h5",
    ),
    told(
        "10x: a gene twice", spoil("10x", read_10x_h5, "matrix/features/name", ["G0"] * 6), "5 columns merged"
    ),
    refused(
        "10x: names of another kind",
        lambda folder: read_10x_h5(put(b"", "x")(folder), names="entrez"),
        "`names`",
    ),
    refused("h5: text", lambda folder: read_10x_h5(put("hello", "x.h5")(folder)), "x.h5"),
    refused(
        "h5: header only", lambda folder: read_h5ad(put(b"\x89HDF\r\n\x1a\n", "x.h5ad")(folder)), "x.h5ad"
    ),
    refused(
        "h5: another layout", spoil("10x", read, "", lambda f: f.move("matrix", "matrices")), "unknown layout"
    ),
]
CASES += [
    refused(
        f"h5ad: X/indices[1] = {n}",
        spoil("h5ad", read_h5ad, "X/indices", n, 1, "h5ad"),
        "file.h5ad",
        "sparse",
    )
    for n in NUMBERS
]
CASES += [
    refused(f"h5ad: X/indptr[2] = {n}", spoil("h5ad", read_h5ad, "X/indptr", n, 2, "h5ad"), "file.h5ad")
    for n in (-1, 2**31 - 1)
]
CASES += [
    refused(
        f"h5ad: layer/indices[1] = {n}",
        spoil("h5ad", read_h5ad, "layers/counts/indices", n, 1, "h5ad"),
        "file.h5ad",
        "counts",
    )
    for n in NUMBERS
]
CASES += [
    refused(f"h5ad: without {w}", spoil("h5ad", read_h5ad, w, None, 0, "h5ad"), "file.h5ad")
    for w in ("X/data", "X/indptr", "obs", "obs/_index")
]
CASES += [
    sound(f"h5ad: without {w}", spoil("h5ad", read_h5ad, w, None, 0, "h5ad"))
    for w in ("var", "uns", "layers", "obs/kind/codes", "obs/kind/categories")
]
CASES += [
    sound(
        f"h5ad: codes[0] = {n}",
        spoil("h5ad", lambda p: str(read_h5ad(p).obs) and None, "obs/kind/codes", n, 0, "h5ad"),
    )
    for n in (-1, 2, 100, -100)
]
CASES += [
    refused(
        "h5ad: X of another shape", spoil("h5ad", read_h5ad, "X", np.ones((4, 6)), 0, "h5ad"), "file.h5ad"
    ),
    refused(
        "h5ad: shape that lies",
        spoil(
            "h5ad",
            read_h5ad,
            "",
            lambda f: f["X"].attrs.__setitem__("shape", np.array([5, 10**9])),
            0,
            "h5ad",
        ),
        "file.h5ad",
    ),
    refused(
        "h5ad: an encoding of tomorrow",
        spoil(
            "h5ad", read_h5ad, "", lambda f: f["X"].attrs.__setitem__("encoding-type", "quantum"), 0, "h5ad"
        ),
        "file.h5ad",
    ),
    refused(
        "h5ad: cut",
        lambda folder: (
            make_h5ad(folder / "a.h5ad"),
            read_h5ad(put((folder / "a.h5ad").read_bytes()[:4000], "b.h5ad")(folder)),
        )[1],
        "b.h5ad",
    ),
    refused(
        "h5ad: packed",
        lambda folder: (
            make_h5ad(folder / "a.h5ad"),
            read_h5ad(put(gzip.compress((folder / "a.h5ad").read_bytes()), "b.h5ad")(folder)),
        )[1],
        "gzipped",
        "unpack",
    ),
    refused("gctx: names of one axis short", spoil("gctx", read_gctx, "0/META/COL/id", ["a"]), "file.h5"),
    refused("gctx: without ids", spoil("gctx", read_gctx, "0/META/ROW/id", None), "file.h5"),
    refused(
        "gctx: a matrix of text", spoil("gctx", read_gctx, "0/DATA/0/matrix", [["a"] * 6] * 5), "file.h5"
    ),
    refused("gctx: a cube", spoil("gctx", read_gctx, "0/DATA/0/matrix", np.ones((5, 6, 2))), "file.h5"),
    refused("gctx: an id twice", spoil("gctx", read_gctx, "0/META/COL/id", ["a"] * 5), "'a'"),
    refused(
        "gctx: an unknown field",
        spoil("gctx", partial(read_gctx, gene_names="symbol"), "0/META/ROW/x", lambda f: None),
        "`gene_names`",
    ),
    refused(
        "gctx: an unknown signature",
        spoil("gctx", partial(read_gctx, signatures=["z"]), "", lambda f: None),
        "`signatures`",
    ),
    refused("archs4: a short matrix", spoil("archs4", ARCHS4, "data/expression", np.ones((5, 5))), "file.h5"),
    refused("archs4: version 1", spoil("archs4", ARCHS4, "meta/samples", None), "version 1"),
    refused("archs4: no names", spoil("archs4", ARCHS4, "meta/genes/symbol", None), "`names`"),
    refused(
        "archs4: a matrix of text", spoil("archs4", ARCHS4, "data/expression", [["a"] * 5] * 6), "file.h5"
    ),
    refused(
        "archs4: no such field",
        spoil("archs4", partial(read_archs4, samples={"organ": "x"}), "", lambda f: None),
        "no field 'organ'",
    ),
]


# ---- hypothesis: the promises of the chapter on damaged files, with more examples

SLOW = settings(
    derandomize=True,
    max_examples=60,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
PLACE, BYTE = st.integers(0, 10_000), st.integers(0, 255)
SPOILT = st.sampled_from([-(2**31), -4, -1, 0, 1, 5, 6, 7, 10**6, 2**31 - 1])
CHECKS = {
    check_round_trip: (tables(), st.booleans()),
    check_byte: (tables(), st.booleans(), PLACE, BYTE),
    check_field: (tables(), PLACE, PLACE, st.booleans()),
    check_cut: (tables(), PLACE),
}


def holds(check, kind, strategies, name):
    """Return a call that looks for a counterexample."""

    def call(folder):
        def promise(drawn):
            first, *rest = drawn
            check(kind, first, folder / name, *rest) if kind in FORMATS else check(
                kind, folder / name, first, *rest
            )

        SLOW(given(st.tuples(*strategies))(promise))()

    return call


CASES += [
    sound(f"hypothesis: {check.__name__}, {kind}", holds(check, kind, strategies, f"table.{kind}"))
    for kind in FORMATS
    for check, strategies in CHECKS.items()
]
CASES += [
    sound(f"hypothesis: check_array, {kind}", holds(check_array, kind, (PLACE, PLACE, SPOILT), "x.h5"))
    for kind in HDF5
]
CASES += [
    sound(f"hypothesis: check_cut_hdf5, {kind}", holds(check_cut_hdf5, kind, (PLACE,), "x.h5"))
    for kind in HDF5
]

READERS = HDF5 | {"h5ad": read_h5ad}


def flip(kind, seed, n=40):
    """Change single bytes of an HDF5 file; libhdf5 may stumble, but never Python."""

    def call(folder):
        MAKE[kind](folder / "healthy.h5")
        content, rng = (folder / "healthy.h5").read_bytes(), np.random.default_rng(seed)
        for _ in range(n):
            spoilt = bytearray(content)
            spoilt[rng.integers(len(content))] = rng.integers(256)
            (folder / "file.h5").write_bytes(bytes(spoilt))
            try:
                data = READERS[kind](folder / "file.h5")
            except (ValueError, KeyError, MemoryError) as error:
                assert "file.h5" in str(error), f"no file in the message: {error}"
            else:
                np.asarray(data.X.sum(axis=0)), data.var_names.is_unique

    return call


CASES += [
    sound(f"HDF5: 40 changed bytes, {kind}, {seed}", flip(kind, seed))
    for kind in READERS
    for seed in range(3)
]
