"""The sections of a scenario: plain values in, one frozen class a section out."""
