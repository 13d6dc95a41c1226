"""Lemmas: statements of earlier derivations as reasons of a line."""

from symformer.proof.lemmas.lemma import Lemma, rewritten

__all__ = ["Lemma", "rewritten"]
