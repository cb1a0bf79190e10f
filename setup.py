"""Install transomics; every value comes from settings.ini."""
from configparser import ConfigParser
from pathlib import Path
from shlex import split

from setuptools import find_packages, setup

here = Path(__file__).parent
settings = ConfigParser(delimiters="=")
settings.read(here / "settings.ini", encoding="utf-8")
project = settings["DEFAULT"]

extras = {
    key.removesuffix("_requirements"): split(value)
    for key, value in project.items()
    if key.endswith("_requirements")
}
extras["dev"] += extras["chem"] + extras["cells"] + extras["scale"]

setup(
    name=project["lib_name"],
    version=project["version"],
    description=project["description"],
    long_description=(here / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    author=project["author"],
    author_email=project["author_email"],
    url=project["git_url"],
    keywords=project["keywords"].split(),
    packages=find_packages(include=["transomics", "transomics.*"]),
    package_data={"transomics": ["samples/*"]},
    python_requires=f">={project['min_python']}",
    install_requires=split(project["requirements"]),
    extras_require=extras,
    entry_points={
        "console_scripts": split(project["console_scripts"]),
        "nbdev": [f"{project['lib_name']}={project['lib_path']}._modidx:d"],  # names in prose become links
    },
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Bio-Informatics",
    ],
    zip_safe=False,
)
