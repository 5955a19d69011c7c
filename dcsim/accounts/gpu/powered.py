"""GPUs that have power: load and flows in, the share of the load that is served out.

What nothing serves is shed from the whole site in proportion: GPUs without power do no work, earn
no rent, and stay online in the sense of the ramp.
"""

from __future__ import annotations

import numpy as np

from dcsim.accounts.energy.allocation import share
from dcsim.clock import Floats
from dcsim.types import Flows, Load


def powered_frac(load: Load, flows: Flows) -> Floats:
    """Return the share of the load that is served, shape ``(n_hours,)``; 1 without load. [1]

    Parameters
    ----------
    load : Load
        Facility power that is asked for.
    flows : Flows
        Part of it that nothing serves.

    Returns
    -------
    ndarray, shape (n_hours,)
        From 0 to 1, and 1 to the bit where nothing is unserved.

    Notes
    -----
    ``powered = 1 - unserved / facility power``
    """
    return np.clip(1.0 - share(flows.unserved_mw, load.facility_power_mw), 0.0, 1.0)


def working_gpus(load: Load, flows: Flows) -> Floats:
    """Return the GPUs that work for each segment, shape ``(n_segments, n_hours)``. [GPU]"""
    return np.asarray(load.busy_gpus * powered_frac(load, flows))
