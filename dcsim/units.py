"""Conversion constants between units, each written once; nothing comes in, factors go out.

`A_PER_B` is the number of A in one B: multiply a value in B by it to get A, divide to get back.
Exact by definition but for the two means of the calendar. Factors of whole minutes, hours and
days are integers, so that the event clock stays whole; properties of materials and coefficients
of a model stay with the model.

>>> 2.5 * KW_PER_MW, 90 / MINUTES_PER_HOUR
(2500.0, 1.5)
"""

from __future__ import annotations

SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3600
SECONDS_PER_DAY = 86_400
MINUTES_PER_HOUR = 60
MINUTES_PER_DAY = 1440
HOURS_PER_DAY = 24
MONTHS_PER_YEAR = 12
DAYS_PER_YEAR = 365.25
"""Mean year of the Julian calendar. [d]"""
HOURS_PER_YEAR = 8766.0
"""Mean year of the Julian calendar. [h]"""
DAYS_PER_MONTH = 30.4375
"""Twelfth of the mean year. [d]"""

W_PER_KW = 1000
KW_PER_MW = 1000.0
W_PER_MW = 1_000_000
KG_PER_TONNE = 1000.0
PASCALS_PER_MILLIBAR = 100.0
KELVINS_AT_0_C = 273.15
"""Kelvins at 0 °C: added to degrees Celsius, not a factor."""
