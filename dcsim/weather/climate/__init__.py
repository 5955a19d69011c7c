"""The built-in climate: monthly statistics and random numbers in, hours of weather out."""
