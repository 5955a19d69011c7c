"""Identity of the model: digests of the code and the installation that numbers depend on."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import importlib
import os
import platform
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from dcsim.entry_points import PluginPackage
from dcsim.version import __version__, version_of

NO_NUMBERS = ("cli", "plots", "pages", "scenarios")
"""Folders that show or compare numbers and compute none, and the scenarios of a wheel, each of
which has a digest of its own."""
OF_STUDIES = (
    "records/identity.py",
    "records/measure.py",
    "records/rows.py",
    "engine/unit_job.py",
)
"""Modules of studies that compute a replication; the others choose, store or read them. A test
derives the list from imports."""
PACKAGES = ("numpy", "scipy", "simpy", "pandas", "pvlib", "numba", "tzfpy")
"""Packages whose version may move a number; numba is missing where it is not installed."""


@functools.cache
def model_version() -> str:
    """Return the version of dcsim and, after a ``+``, 12 digits of a hash over its code."""
    return f"{__version__}+{code_digest(Path(__file__).parents[2])[:12]}"


def model_of(packages: Iterable[PluginPackage]) -> str:
    """Return the version of dcsim and, after it, name, version and code of each plug-in."""
    return " ".join([model_version(), *(f"{one.name} {one.identity}" for one in packages)])


def code_digest(package: Path) -> str:
    """Return the SHA-256 of the files of a package that numbers depend on, by name and content."""
    digest = hashlib.sha256()
    for file in sorted(_number_files(package)):
        content = (package / file).read_bytes()
        digest.update(f"{file}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _number_files(package: Path) -> Iterator[str]:
    """Yield the files of code and data that numbers depend on, relative to the package."""
    for folder, _, names in os.walk(package):
        room = Path(folder).relative_to(package)
        if room.parts[:1] and room.parts[0] in NO_NUMBERS:
            continue
        for name in names:
            file = (room / name).as_posix()
            of_runs = room.parts[:1] != ("study",) or file.removeprefix("study/") in OF_STUDIES
            if name.endswith((".py", ".csv")) and of_runs:
                yield file


@functools.cache
def numeric_profile() -> str:
    """Return the installation in short: Python, numpy, machine, and a hash over all the rest."""
    parts = profile_parts()
    text = "\n".join(f"{name} {value}" for name, value in parts.items())
    short = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"py{parts['python']}-numpy{parts['numpy']}-{parts['machine']}-{short}"


@functools.cache
def profile_parts() -> dict[str, str]:
    """Return everything that the last digit of a number may depend on, by name.

    The same code on the same versions may round otherwise where numpy or its linear algebra
    choose another kernel for the processor, or where the C library has other elementary functions.
    """
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "machine": platform.machine(),
        "system": platform.system(),
        "libc": " ".join(platform.libc_ver()),
        "processor": " ".join(processor_features()),
        "blas": blas_core(),
        **{package: version_of(package, "none") for package in PACKAGES},
    }


def processor_features() -> tuple[str, ...]:
    """Return the features of this processor that numpy has kernels for and may use here.

    ``NPY_DISABLE_CPU_FEATURES`` takes features away; numpy has heeded it when it was imported.
    """
    umath = _umath()
    try:
        known = (*umath.__cpu_baseline__, *umath.__cpu_dispatch__)
        return tuple(name for name in known if umath.__cpu_features__.get(name))
    except AttributeError:
        return ("unknown",)


def _umath() -> Any:
    """Return the extension module of numpy; the attributes read from it are private and may go."""
    return importlib.import_module("numpy._core._multiarray_umath")


def blas_core() -> str:
    """Return the kernel that OpenBLAS, as numpy's wheels hold it, has chosen."""
    try:
        # Already loaded: the handle finds what the extension is linked with.
        library = ctypes.CDLL(_umath().__file__)
        core = library.scipy_openblas_get_corename64_
        core.restype = ctypes.c_char_p
        return str(core().decode())
    except (AttributeError, OSError):
        return os.environ.get("OPENBLAS_CORETYPE", "unknown")
