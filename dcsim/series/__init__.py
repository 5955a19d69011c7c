"""Time series from files: a named file in, its values on the steps of the run out.

Files of other programs go through the same steps, each a small type: text (`data_file`), a table
with titles (`text_table` or `parquet_table`), the columns that hold its times (`time_columns`),
moments (`stamps`, `zone_clock`), a regular time axis (`time_axis`), filled gaps (`gaps`), and rows
that a run is resampled from (`resampling`).
"""
