"""Weather: a plan in, hours of temperature, humidity, pressure, wind and sunshine out."""

from dcsim.weather.assemble import make_weather

__all__ = ["make_weather"]
