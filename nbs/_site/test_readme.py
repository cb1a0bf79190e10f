"""Run what the README shows in an empty folder: `python nbs/_site/test_readme.py`.

The package is the one that Python finds, best an installed wheel.
"""

import os
import re
import sys
import tempfile
import warnings
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def main():
    """Run all blocks of Python in their order, as a reader would."""
    os.environ["MPLBACKEND"] = "agg"
    blocks = re.findall(
        r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    names = {}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.chdir(folder)
        for block in blocks:
            exec(compile(block, "README.md", "exec"), names)
        os.chdir("/")
    import transomics

    here = Path(transomics.__file__).parents[1]
    print(f"{len(blocks)} blocks of the README run in an empty folder, with the package of {here}")


if __name__ == "__main__":
    sys.exit(main())
