"""Sources and stores: the sections of a file in, a class and a record for each kind out."""
