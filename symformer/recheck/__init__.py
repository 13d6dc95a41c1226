"""The second judge: equations are evaluated in finite fields. It shares no code and no idea with the first judge.

The folder imports the standard library alone and runs wherever it is copied to: `python -m symformer.recheck FILE`.

**Numbers.** A value has a residue mod p, one mod q = (p − 1)/2 and one mod r | p + 1. exp is v ↦ g^v from F_q into the
squares of F_p, a homomorphism; cos x + i sin x = h^x with h of norm 1 and order r. A logarithm carries its argument z
beside its residue mod q, so that e^(log z) = z; products, powers and exponentials of positive numbers remember how they
were made, so that log uv = log u + log v. Positive numbers are squares and negative ones minus squares; a root is the
root that is a square, and points are drawn again until every radicand and argument of a logarithm is one. What has no
residue is a *letter*, one random number for each argument: what holds for random letters holds for every function, so
letters confirm nothing false. Derivatives: ε² = 0. Each value has a float beside its residues, with a bound of its
error: it says which sign a number has at a point, and so which root, logarithm or maximum is meant there.

A line is *confirmed* if at every point the residues of both sides are equal and the floats do not contradict that;
*refuted* if at some point the floats are further apart than their errors, or rational values differ; else *undecided*.
Masks, whole numbers and permutations are gone through one by one; where a sign of an input matters, entries of four
levels and whole numbers from −2 to 2 and about the numbers that are compared with, so with zeros and ties, are gone
through at small sizes. Where these are too many 8 random choices are looked at, and `every` is not claimed. A line is
undecided where a comparison has not come out every way (less, equal, more; at a maximum less and more), or where no
sizes were reached that are as large as the numbers beside the places that they bound. Of a product with a relation
that is 0 a factor may be beyond its axis. A loop is read as definitions in a circle: what its first layer starts from,
and what every other layer makes of the one before.

**Error.** A difference of degree D that is not zero vanishes at a random point with probability at most D/p. With
exponentials it is Σ C_t(x) g^(E_t(y)), with x mod p and whole numbers y < R independent. A nonzero C_s vanishes with
probability at most D/p; another of T exponents equals E_s with at most T·d/R; else the sum is a polynomial in g of
degree at most 2M, M bounding |E|, and a random g of order q is a root with at most 2M/q. Points are independent, so
bounds multiply. D and log₂ T are counted along the way, M is seen; where M is not small no bound is printed.

**Which sizes are every size.** Let D be a difference whose denominators are cleared and whose powers and products of
sums are written out, each copy with letters of its own; fix all kinds of size but one, n. Let D be a sum of products
c · f, where f is any function of the data at the letters of the product (entries, deltas, order relations, functions of
them) and c a polynomial in n and in the letters as numbers. If in every product the letters (free, bound, offsets,
numbers and ends of ranges that are named) and the degree of c together are at most N, then D = 0 for every n if D = 0
for n ≤ N + 1 (n − 1 says that N is not enough, as no size is 0). *Proof.* Let b be fixed data. For a set S of letters'
values, let H_S be the part of D that depends on the data at every element of S and is 0 where the data of one of them
is b; D is the sum of its H_S in one way alone (inclusion and exclusion), so D = 0 if and only if each H_S = 0. Collect
the products that reach H_S: letters outside S run freely over the gaps between the elements of S, with data b, so that
H_S at fixed data is a polynomial in the lengths g_0, …, g_|S| of these gaps, of degree at most N − |S|: one for each
letter outside S, and the degree of c. As n = |S| + Σ g, the sizes n ≤ N give all gaps with Σ g ≤ N − |S|, where a
polynomial of that degree cannot vanish without being 0; if S is empty there is one gap, of length n, and 1 to N + 1 are
enough. ∎ √n is a letter r with r² = n: P + rQ vanishes with P² − nQ², of twice the degree. Several kinds: it is
used for one after another, with the others arbitrary or, once they are settled, no larger than they need be; a
denominator under a sum over such a kind counts as often as that has places.

*Limits.* It is silent about: functions (exp, log, roots, a maximum) of sums over n, as S = Σ_c Q_ic K_jc is for d in
e^S; denominators under a sum over n that sum over n; roots and denominators of the data at two letters of one kind;
rows that are permutations, on a sphere, or masks that see a key, along their axis; sizes that are computed; conditions.
There, where signs matter, and where the sizes cost too much, a line is confirmed at the sizes that are named alone.
"""

from .judge import EQUATIONS_ALONE, Opinion, agrees, opinion

__all__ = ["EQUATIONS_ALONE", "Opinion", "agrees", "opinion"]
