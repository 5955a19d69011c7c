"""Cooling: heat, the weather and what is around the site in, electric power and water out.

`registry.COOLING` finds the models, one file each; `registry.cooling_draw` calls any of them.
"""
