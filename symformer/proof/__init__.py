"""The judge of lines. (`proved`, at symbolic sizes, will be a further witness in this room.)"""

from symformer.proof.judge import judge
from symformer.proof.verdict import Verdict, weakest

__all__ = ["Verdict", "judge", "weakest"]
