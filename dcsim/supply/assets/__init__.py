"""Sources and stores by kind: dates, weather and keys of one asset in, its available power out."""
