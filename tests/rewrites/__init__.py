"""A public yardstick: the rewrites of XLA's algebraic simplifier that index notation can say, each with a false twin.

The list is that of TensorRight (Arora et al., POPL 2025), `rules/xla` of its repository: it says 121 rules and proves
115 of them for every rank and size. Here they are written anew, for a fixed number of axes and every size.
"""
