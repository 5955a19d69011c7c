"""Version of the installed package: its metadata in, one text out."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def version_of(package: str, absent: str = "unknown") -> str:
    """Return the version of an installed package, or what stands for none.

    >>> version_of("no-such-package", "none")
    'none'
    """
    try:
        return version(package)
    except PackageNotFoundError:
        return absent


__version__ = version_of("dcsim")
"""Version of dcsim; ``unknown`` where it runs without being installed."""
