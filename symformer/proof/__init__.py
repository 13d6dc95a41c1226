"""The judge of lines. (`proved`, at symbolic sizes, will be a further witness in this room.)"""

from symformer.proof.judge import Judge, judge
from symformer.proof.verdict import ORDER, Verdict, weakest

__all__ = ["ORDER", "Judge", "Verdict", "judge", "weakest"]
