"""Small tables in every format of text, ways to damage a file, and what a reader may answer then.

Used by the chapter on damaged files, with few examples, and by nbs/_attack, with many.
"""

import gzip
import re
import warnings
from functools import partial

import h5py
import numpy as np
import pandas as pd
from hypothesis import strategies as st

from transomics.readers import read_gct, read_gctx, read_archs4, read_10x_h5, read_matrix

NAMES = [
    "TP53",
    "NA",
    "null",
    "nan",
    "1",
    "HLA-A",
    "a b",
    "MT-CO1",
    "7157",
    "µ",
    "ENSG00000141510.18",
    "None",
]
VALUES = st.floats(-1e6, 1e6, width=32).map(float) | st.integers(0, 500).map(float) | st.just(float("nan"))


@st.composite
def tables(draw):
    """Draw a table of genes x samples, with holes, and with names that look like missing ones."""
    genes = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    values = draw(
        st.lists(st.lists(VALUES, min_size=3, max_size=3), min_size=len(genes), max_size=len(genes))
    )
    return pd.DataFrame(values, genes, ["S0", "S 1", "NA"], dtype=np.float64)


def delimited(table, **options):
    """Write a table with its corner."""
    return table.to_csv(index_label="gene", na_rep="NA", lineterminator="\n", **options)


def without_corner(table):
    """Write as R's write.table does: quoted names, blanks, a header one name short."""
    header = " ".join(f'"{name}"' for name in table.columns)
    rows = (" ".join([f'"{gene}"', *map(number, row)]) for gene, row in zip(table.index, table.to_numpy()))
    return "\n".join([header, *rows, ""])


def number(value):
    """Write a number as R does."""
    return "NA" if np.isnan(value) else repr(float(value))


def as_gct(table):
    """Write GCT 1.2."""
    body = table.copy()
    body.insert(0, "Description", "-")
    size = f"#1.2\n{len(table)}\t{table.shape[1]}\n"
    return size + body.to_csv(sep="\t", index_label="Name", na_rep="NA", lineterminator="\n")


def as_series(table):
    """Write a GEO series matrix."""
    quoted = "\t".join(f'"{name}"' for name in table.columns)
    rows = ("\t".join([f'"{g}"', *map(number, row)]) for g, row in zip(table.index, table.to_numpy()))
    head = [
        '!Series_title\t"x"',
        f"!Sample_title\t{quoted}",
        "!series_matrix_table_begin",
        f'"ID_REF"\t{quoted}',
    ]
    return "\n".join([*head, *rows, "!series_matrix_table_end", ""])


MATRIX = partial(read_matrix, genes_in="rows")
FORMATS = {  # name: text of a table, reader, line of its header
    "tsv": (partial(delimited, sep="\t"), MATRIX, 0),
    "csv": (partial(delimited, sep=","), MATRIX, 0),
    "semicolons": (partial(delimited, sep=";", quoting=2), MATRIX, 0),
    "write.table": (without_corner, MATRIX, 0),
    "gct": (as_gct, read_gct, 2),
    "series": (as_series, MATRIX, 3),
}
SEPARATORS = {"tsv": "\t", "csv": ",", "semicolons": ";", "write.table": " ", "gct": "\t", "series": "\t"}


def answer(reader, path):
    """Read; return the table as it was written (None: refused), and what the error or the warnings said."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            data = reader(path)
        except (ValueError, KeyError) as error:
            words = str(error.args[0])
            assert words.startswith("`") and path.name in words, f"no file in the message: {words}"
            return None, words
    return data.to_df().T, " ".join(str(warning.message) for warning in said)


def same(found, table):
    """Tell whether what was read is what was written."""
    fits = list(found.index) == list(table.index) and list(found.columns) == list(table.columns)
    return fits and np.array_equal(found.to_numpy(), table.to_numpy(np.float32), equal_nan=True)


def check_round_trip(kind, table, path, packed):
    """A healthy file gives the table back, without a word."""
    write, reader, _ = FORMATS[kind]
    content = write(table).encode()
    path.write_bytes(gzip.compress(content) if packed else content)
    found, said = answer(reader, path)
    assert found is not None and same(found, table), (said, found)
    assert not said, said


def check_byte(kind, table, path, packed, place, byte):
    """One changed byte changes at most one name or one number, or is refused; packed, it changes nothing."""
    write, reader, _ = FORMATS[kind]
    if kind == "write.table" and len(table) == 1:
        return  # a single row that lost a blank looks like one under a corner
    content = bytearray(write(table).encode())
    content = bytearray(gzip.compress(bytes(content))) if packed else content
    content[place % len(content)] = byte
    path.write_bytes(content)
    found, said = answer(reader, path)
    if found is None:
        return
    assert found.shape == table.shape, (found, table)
    old, new = table.to_numpy(np.float32), found.to_numpy()
    changed = int((~((old == new) | (np.isnan(old) & np.isnan(new)))).sum())
    changed += sum(a != b for a, b in zip([*table.index, *table.columns], [*found.index, *found.columns]))
    assert changed <= (0 if packed else 1), (changed, found, table)


def check_field(kind, table, path, line, field, drop):
    """A field too many or too few is refused, and the error names the line."""
    write, reader, header = FORMATS[kind]
    lines, separator = write(table).splitlines(), SEPARATORS[kind]
    names_line = kind == "write.table"  # its line of names may have a corner or not
    if names_line and len(table) == 1:
        return  # a single row that lost a field looks like one under a corner
    k = header + names_line + line % (len(table) + 1 - names_line)
    fields = re.split(f'{separator}(?=(?:[^"]*"[^"]*")*[^"]*$)', lines[k])  # not at a blank inside quotes
    place = field % (len(fields) + 1)
    fields = fields[:-1] if drop else [*fields[:place], "7", *fields[place:]]
    lines[k] = separator.join(fields)
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    found, said = answer(reader, path)
    assert found is None, found
    assert "line" in said or "announces" in said or "fields" in said, said


def check_cut(kind, table, path, place):
    """A file that was cut is refused, or gives rows that were complete; a last value in doubt is told."""
    write, reader, _ = FORMATS[kind]
    content = write(table).encode()
    cut = content[: place % len(content)]
    path.write_bytes(cut)
    found, said = answer(reader, path)
    if found is None:
        return
    whole = cut.endswith(b"\n") or content[len(cut) : len(cut) + 1] == b"\n"
    assert whole or "does not end" in said, (said, found)
    if kind == "write.table" and cut.count(b"\n") < 2:
        return  # a single row without its last fields looks like one under a corner
    n = len(found) if whole else len(found) - 1
    assert same(found.iloc[:n], table.iloc[:n]), (found, table)


# ---- HDF5: no checksums, so the promise is less: an error with the file's name, or a table that is sound


def write_hdf5(kind, path):
    """Write a small file."""
    names, cells = [f"G{k}" for k in range(6)], [f"c{k}" for k in range(5)]
    values = np.arange(30).reshape(5, 6) % 4
    rows, columns = np.nonzero(values)
    with h5py.File(path, "w") as file:
        if kind == "10x":
            file["matrix/data"], file["matrix/indices"] = values[rows, columns], columns
            file["matrix/indptr"] = np.concatenate([[0], np.bincount(rows, minlength=5).cumsum()])
            file["matrix/barcodes"], file["matrix/shape"] = cells, [6, 5]
            file["matrix/features/id"], file["matrix/features/name"] = names, names
            file["matrix/features/feature_type"] = ["Gene Expression"] * 6
        elif kind == "gctx":
            file["0/DATA/0/matrix"], file["0/META/COL/id"], file["0/META/ROW/id"] = values * 1.0, cells, names
        else:
            file["data/expression"], file["meta/genes/symbol"] = values.T, names
            file["meta/samples/geo_accession"] = cells


HDF5 = {"10x": read_10x_h5, "gctx": read_gctx, "archs4": partial(read_archs4, samples={"geo_accession": "."})}


def check_sound(reader, path):
    """An error that names the file, or a table with indices and names in order."""
    found, _ = answer(reader, path)
    if found is not None:
        assert found.index.is_unique and found.columns.is_unique


def check_array(kind, path, where, place, value):
    """Spoil one number of one array."""
    write_hdf5(kind, path)
    with h5py.File(path, "r+") as file:
        arrays = []
        file.visititems(
            lambda name, item: arrays.append(name) if item is not None and hasattr(item, "shape") else None
        )
        array = file[arrays[where % len(arrays)]]
        if array.dtype.kind in "iuf":
            index = np.unravel_index(place % array.size, array.shape)
            array[index] = np.clip(value, -(2**31), 2**31 - 1)
    check_sound(HDF5[kind], path)


def check_cut_hdf5(kind, path, place):
    """Cut a file."""
    write_hdf5(kind, path)
    content = path.read_bytes()
    path.write_bytes(content[: place % len(content)])
    check_sound(HDF5[kind], path)
