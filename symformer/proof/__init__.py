"""The judge of lines, with four witnesses: balls, a normal form for every size, rational functions, differences."""

from symformer.proof.assumptions import Assumptions
from symformer.proof.judge import Judge, judge
from symformer.proof.lemmas import Lemma
from symformer.proof.toward import Toward, toward
from symformer.proof.verdict import ORDER, Verdict, weakest

__all__ = ["ORDER", "Assumptions", "Judge", "Lemma", "Toward", "Verdict", "judge", "toward", "weakest"]
