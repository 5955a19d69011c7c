"""Changed assumptions as lines: key, value before, value after, source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dcsim.errors import cut

if TYPE_CHECKING:
    from dcsim.study.attribution.differences import Assumption


def assumption_line(change: Assumption, *, most: int = 60, with_source: bool = True) -> str:
    """Return a changed assumption as one line.

    Parameters
    ----------
    change : Assumption
    most : int
        Characters at which a value is cut.
    with_source : bool
        Whether the source follows in brackets, if there is one.

    Examples
    --------
    >>> from dcsim.study.attribution.differences import Assumption
    >>> assumption_line(Assumption("hall.racks", None, "400", "plan"))
    'hall.racks: nothing -> 400  [plan]'
    """
    before, after = (
        "nothing" if text is None else cut(text, most) for text in (change.before, change.after)
    )
    source = f"  [{change.source}]" if change.source and with_source else ""
    return f"{change.key}: {before} -> {after}{source}"
