"""Passes over lines: each named, tested alone, and allowed by a derivation of the book or by nothing changing."""
