"""What commands print: results in, lines, tables and reports out."""
