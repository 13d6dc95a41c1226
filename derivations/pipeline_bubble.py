"""The pipeline bubble.

The last of p stages waits until the first micro-batch has come through the other p − 1, and the first stage waits at the end until
the last one has come back. That time is idle whatever the number m of micro-batches is, so that many of them make it small; and so
does cutting the layers of each stage into v chunks that take turns.
"""

from symformer import Derivation, approx, begin, lift, sizes, wrong

p, m, v, T_f, T_b = sizes("p m v T_f T_b")
work = lift(m) * (lift(T_f) + T_b)
waiting = (lift(p) - 1) * (lift(T_f) + T_b)

derivation = Derivation(
    __doc__,
    given=(
        "p stages and m micro-batches; a stage takes T_f for the forward pass of one and T_b for its backward pass",
    ),
    calc=(
        begin((waiting + work - work) / work, "idle time over working time: all but the work of a stage itself", "One run of layers a stage"),
        ((lift(p) - 1) / m, "T_f and T_b cancel"),
        wrong((lift(p) - 1) / (lift(m) + p - 1), "idle time over all time, which some call the bubble too"),
        begin(work / (waiting + work), "the fraction of time in which a stage works", "Efficiency"),
        (lift(m) / (lift(m) + p - 1), "cancel"),
        (1 / (1 + (lift(p) - 1) / m), "one over one and the bubble"),
        begin((waiting / v) / work, "with v chunks a stage, each wait is that of one chunk", "Interleaved"),
        (1 / lift(v) * ((lift(p) - 1) / m), "v times smaller; the stream goes from stage to stage v times as often"),
        begin((lift(m) + p - 1) * (lift(T_f) + T_b), "the time of a step", "A step"),
        approx(lift(m) * (lift(T_f) + T_b), "many micro-batches: the bubble does not matter", to=(m, "oo"), dropped=(lift(p) - 1) * (lift(T_f) + T_b)),
    ),
    notes=(
        "All forward passes first, or one forward and one backward in turn, have the same bubble; they differ in what they keep.",
        "With T_b = 2 T_f, the idle time that a simulation counts for each of the three schedules is this, to the last digit.",
    ),
    reference="Huang et al. 2018, arXiv:1811.06965; Narayanan et al. 2021, arXiv:2104.04473, sections 2.2.1 and 2.2.2.",
)  # fmt: skip
