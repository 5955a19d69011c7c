"""Weather: typical-year files, tables, the built-in climate, wind at the turbines."""

from dcsim.weather.assemble import make_weather

__all__ = ["make_weather"]
