"""Trust: checking, re-running, citing, freezing and exchanging records.

A record is data that anyone may have written: what is read here is checked, never executed.
"""
