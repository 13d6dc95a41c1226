"""The second judge: what it confirms, what it turns down, and that it stands on the standard library alone."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from math import factorial
from pathlib import Path

import false_statements as false
import pytest
from mutants import book_mutants
from plain_points import compare
from random_pairs import random_pairs
from second_judge import changed_exports, false_confirmations, verdict, wrong_verdicts

import symformer as sf
from symformer.cli.commands import check
from symformer.cli.judging import judged
from symformer.cli.main import main
from symformer.derivation import claims, contradicts
from symformer.notation import lift
from symformer.recheck import opinion
from symformer.recheck.letters import sizes_needed
from symformer.recheck.nodes import Statement
from symformer.recheck.numbers import PRIMES
from symformer.statements import statement

ROOM = Path(sf.__file__).parent / "recheck"
n, m, d = sf.sizes("n m d")
i, j, k = sf.indices("i j k")
x, y = sf.tensor("x", n), sf.tensor("y", n)
M = sf.tensor("M", n, kind="mask")
ids = sf.tensor("ids", n, kind="integer", upper=4)
a, b = sf.scalar("a"), sf.scalar("b")
u, v = sf.scalar("u", kind="positive"), sf.scalar("v", kind="positive")

BLOCKER = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in sys.stdlib_module_names | {"recheck"}:
            raise ImportError(f"{name} is not of the standard library")
sys.meta_path.insert(0, Blocker())
sys.path.insert(0, sys.argv.pop(1))
import runpy
runpy.run_module("recheck", run_name="__main__", alter_sys=False)
"""


def written(path, *lines):
    """A file of statements."""
    path.write_text(json.dumps({"format": "symformer statements 1", "statements": lines}), encoding="utf-8")
    return path


def named(name, left, right, expected=None):
    """A statement with its name."""
    return {"name": name, "expected": expected, **statement(lift(left), "=", lift(right), {})}


def test_it_imports_the_standard_library_alone(tmp_path):
    shutil.copytree(ROOM, tmp_path / "recheck", ignore=shutil.ignore_patterns("__pycache__"))
    file = written(tmp_path / "lines.json", named("shift", sf.exp(a + b), sf.exp(a) * sf.exp(b)))
    command = [sys.executable, "-I", "-c", BLOCKER, str(tmp_path), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("confirmed\tshift\t"), done.stderr
    assert done.returncode == 0


def test_the_module_runs_without_sympy(tmp_path):
    file = written(tmp_path / "lines.json", named("wrong", a + b, a - b, "refuted"), named("right", a + a, 2 * a))
    command = [sys.executable, "-X", "importtime", "-m", "symformer.recheck", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["refuted", "confirmed"]
    assert "sympy" not in done.stderr and "numpy" not in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("text", ["", "[]", '{"format": "another"}', '{"format": "symformer statements 1"}'])
def test_a_file_that_is_none_is_one_line_on_stderr(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "symformer.recheck", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == "" and len(done.stderr.splitlines()) == 1 and str(path) in done.stderr


def prime(number):
    """Whether a number is prime, by Fermat and Miller and Rabin."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        powers = [pow(base, odd << step, number) for step in range(twos)]
        if powers[0] != 1 and number - 1 not in powers:
            return False
    return True


@pytest.mark.parametrize(("p", "r"), PRIMES)
def test_the_fields_are_as_they_are_said_to_be(p, r):
    q = (p - 1) // 2
    assert prime(p) and prime(q) and prime(r) and (p + 1) % r == 0
    assert p % 4 == q % 4 == 3
    for small in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53):
        assert pow(small, q, p) == 1 and pow(small, (q - 1) // 2, q) == 1


# -- the theorem -----------------------------------------------------------------------------------------------------


def partitions(total, largest):
    """The partitions of a number, as multiplicities by part."""
    if not total:
        yield {}
    for part in range(min(total, largest), 0, -1):
        for rest in partitions(total - part, part):
            yield {**rest, part: rest.get(part, 0) + 1}


def elementary(order):
    """The elementary symmetric polynomial of x by power sums: 0 for n < order, and not from then on."""
    total = lift(0)
    for parts in partitions(order, order):
        term = lift(1)
        for part, times in parts.items():
            term = term * sf.sum(x[i] ** part, i) ** times / (part**times * factorial(times))
        total = total + term * (-1) ** (order - sum(parts.values()))
    return total


@pytest.mark.parametrize("order", range(2, 9))
def test_newtons_identity_is_turned_down_from_its_order_on(order):
    said = verdict(elementary(order), lift(0))
    assert said.kind == "refuted"
    assert f"n = {order}" in said.words


@pytest.mark.parametrize("order", range(2, 9))
def test_the_sizes_that_are_needed_reach_the_order(order):
    needed, sure = sizes_needed(Statement(statement(elementary(order), "=", lift(0), {})))
    assert sure and needed["n"] >= order + 1


def test_a_polynomial_in_a_size_is_tried_beyond_its_degree():
    zeros = (n - 1) * (n - 2) * (n - 3) * (n - 4) * (n - 5)
    assert verdict(lift(zeros) * a, lift(0)).kind == "refuted"


def test_numbers_and_offsets_count_as_letters():
    assert verdict(sf.indicator(i, "≤", 5), lift(1), {i: n}).kind == "refuted"
    assert verdict(sf.delta(i, 7), lift(0), {i: n}).kind == "refuted"
    assert verdict(sf.indicator(j, "≤", i + 8), lift(1), {i: n, j: n}).kind == "refuted"


TRUE = [
    (sf.sum(x[i] + y[i], i), sf.sum(x[i], i) + sf.sum(y[j], j), {}),
    (sf.sum(x[i], i) ** 2, sf.sum(x[i] * x[j], i, j), {}),
    (sf.sum(sf.delta(i, j) * x[j], j), x[i], {i: n}),
    (sf.sum(sf.exp(x[i] + a) / sf.sum(sf.exp(x[k] + a), k), i), lift(1), {}),
    (sf.diff(sf.sum(x[k] ** 2, k), x[i]), 2 * x[i], {i: n}),
    (sf.sum(sf.indicator(j, "≤", i) + sf.indicator(j, ">", i), (j, n)), lift(n), {i: n}),
]
HARDER = [
    (sf.log(u * v), sf.log(u) + sf.log(v), {}),
    (sf.exp(u * sf.log(v)), v**u, {}),
    (sf.log(sf.sum(sf.exp(x[k] + a), k)), a + sf.log(sf.sum(sf.exp(x[k]), k)), {}),
    (sf.sqrt(u * u * v), u * sf.sqrt(v), {}),
    (1 / sf.sqrt(u), sf.sqrt(u) / u, {}),
    (sf.sin(a + b), sf.sin(a) * sf.cos(b) + sf.cos(a) * sf.sin(b), {}),
    (sf.erf(-a), -sf.erf(a), {}),
    (sf.tanh(a), (sf.exp(a) - sf.exp(-a)) / (sf.exp(a) + sf.exp(-a)), {}),
    (M[i] ** 2, M[i], {i: n}),
    (sf.diff(sf.log(sf.sum(sf.exp(x[k]), k)), x[i]), sf.exp(x[i]) / sf.sum(sf.exp(x[k]), k), {i: n}),
    (sf.relu(a) - sf.relu(-a), a, {}),
]
FALSE = [
    (sf.sqrt(a**2), a, {}),
    (sf.sqrt(a**2 * b**2), a * b, {}),
    (sf.sqrt((a - b) ** 2), a - b, {}),
    (sf.indicator(a, ">", 0), sf.indicator(a, "≥", 0), {}),
    (sf.indicator(a, "=", 0), lift(0), {}),
    (sf.sin(a + sf.pi), sf.sin(a), {}),
    (sf.exp(a + b), sf.exp(a) + sf.exp(b), {}),
    (sf.sum(x[i], i) ** 2, sf.sum(x[i] ** 2, i), {}),
    (sf.sum(M[k], k) * (sf.sum(M[k], k) - 1) * (sf.sum(M[k], k) - 2) * (sf.sum(M[k], k) - 3), lift(0), {}),
    (sf.max(x[k], k), sf.sum(x[k], k) / n, {}),
    (sf.erf(a), sf.tanh(a), {}),
    (u ** lift(sf.lift(-1) / 2), sf.sqrt(u), {}),
    (sf.diff(sf.sum(x[k] * x[j], k, j), x[i]), 2 * x[i], {i: n}),
]


@pytest.mark.parametrize(("left", "right", "ranges"), TRUE)
def test_true_equations_are_confirmed_for_every_size(left, right, ranges):
    said = verdict(left, right, ranges)
    assert (said.kind, said.every) == ("confirmed", True), said.words


@pytest.mark.parametrize(("left", "right", "ranges"), HARDER)
def test_true_equations_beyond_polynomials_are_confirmed(left, right, ranges):
    said = verdict(left, right, ranges)
    assert said.kind == "confirmed", said.words


@pytest.mark.parametrize(("left", "right", "ranges"), FALSE)
def test_false_equations_are_never_confirmed(left, right, ranges):
    assert verdict(lift(left), lift(right), ranges).kind != "confirmed"


@pytest.mark.parametrize("place", [at for at, row in enumerate(false.FALSE + false.KINKS) if row[1] == "="])
def test_what_is_true_in_a_small_box_alone_is_not_confirmed(place):
    left, _, right = (false.FALSE + false.KINKS)[place]
    left, right = lift(left), lift(right)
    known = {index: found.size for side in (left, right) for index, found in side.ranges.items()}
    loose = [index for index in left.free | right.free if not index.is_positive]
    assert verdict(left, right, {index: known.get(index, false.n) for index in loose}).kind != "confirmed"


def test_conditions_are_read():
    square = sf.sum(1, (k, n - m))
    assert verdict(square, lift(n - m)).kind == "refuted"
    assert verdict(square, lift(n - m), conditions=[sf.indicator(n, "≥", m)]).kind == "confirmed"


# -- old faults of the first judge -------------------------------------------------------------------------------------


def captured():
    """Σ_k A_ik as a definition at i = k under a sum over k: with a captured index it is Σ_k A_kk."""
    A = sf.tensor("A", n, n)
    row = sf.define("row", i, sf.sum(A[i, k], k))
    return sf.sum(row[k], k), sf.sum(n * A[k, k], k)


HOLES = {
    "a range that can be empty": (sf.sum(1, (k, n - m)), lift(n - m)),
    "a softmax over no entries": (sf.sum(1 / sf.sum(1, (j, n - m)), (k, n - m)), lift(1)),
    "a captured index": captured(),
    "a sum that is rebuilt under the letter of another": (sf.sum(x[k], k) * sf.sum(y[k], k), sf.sum(x[k] * y[k], k)),
    "a sum in a sum under one letter": (sf.sum(x[k] * sf.sum(y[k], k), k), sf.sum(x[k] * y[k], k)),
    "a root of a square": (sf.sqrt(a**2), a),
    "a root of a square of a difference": (sf.sqrt((x[1] - x[2]) ** 2), x[1] - x[2]),
    "an order of one sign": (sf.max(x[k], k) + sf.max(-x[k], k), lift(0)),
    "a kink": (sf.diff(sf.relu(a), a) * sf.relu(-a), sf.relu(-a)),
    "a tie": (sf.indicator(a, ">", b) + sf.indicator(b, ">", a), lift(1)),
    "a whole number": (sf.delta(ids[i], 1) + sf.delta(ids[i], 2), lift(1)),
    "a mask that sees nothing": (sf.sum(M[k], k) / sf.sum(M[k] + 0, k) * a, a),
}


@pytest.mark.parametrize("name", HOLES)
def test_the_second_judge_alone_sees_old_holes_of_the_first(name):
    left, right = map(lift, HOLES[name])
    spans = {i: n} if i in left.free else {}
    assert verdict(left, right, spans).kind in ("refuted", "undecided")
    assert verdict(left, right, spans).kind == "refuted" or name == "a mask that sees nothing"


def test_what_contradicts():
    proved, refuted = {"verdict": "proved", "conditions": []}, {"verdict": "refuted", "conditions": []}
    assert contradicts(proved, "refuted") and contradicts(refuted, "confirmed") and contradicts(proved, "malformed")
    assert not contradicts(proved, "undecided") and not contradicts(proved, "confirmed")
    assert not contradicts({"verdict": "proved", "conditions": ["n ≥ m"]}, "refuted")


def test_a_fault_of_the_first_judge_fails_the_check(monkeypatch, capsys):
    def faulty(named, *, fresh):
        found = judged(named, fresh=fresh)
        for line in found["gelu-slope"].lines:
            line.update(verdict="proved", by=["normal form"], passes=True)
        return found

    assert main(["check", "gelu-slope"]) == 0
    monkeypatch.setattr(check, "judged", faulty)
    assert main(["check", "gelu-slope"]) == 1
    err = capsys.readouterr().err
    assert "“the gate alone, as if it were a constant”: the judges disagree: proved" in err


def test_both_judges_are_named(capsys):
    assert main(["check", "--recheck", "--json", "softmax-jacobian"]) == 0
    for line in json.loads(capsys.readouterr().out)["softmax-jacobian"]["lines"]:
        assert line["by"] == ["normal form", "finite fields"]
        assert line["recheck"].startswith("confirmed: at n ≤ ")


# -- the book --------------------------------------------------------------------------------------------------------


def test_both_judges_prove_the_book():
    """97 % of the equations that are meant to be true, by both; no verdict contradicts another or its author."""
    results = judged([listed.slug for listed in sf.contents()])
    lines = [line for result in results.values() for line in result.lines if line["relation"] == "="]
    assert [line for line in lines if contradicts(line, line["second"]["kind"])] == []
    meant = [line for line in lines if line["expected"] is None]
    assert all(line["second"]["kind"] != "confirmed" for line in lines if line["expected"] is not None)
    alone = [line["reason"] for line in meant if line["by"] != ["normal form", "finite fields"]]
    assert len(alone) <= 0.03 * len(meant), alone


# -- loops, and words that choose -----------------------------------------------------------------------------------

LOOPS = ("retention_recurrent", "gae", "mamba_2")


def gradient_claims(name):
    """What the backward pass of a published formula claims, line by line."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / "formulas" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(claims(sf.gradient(module.PROGRAM).derivation))


@pytest.mark.parametrize("name", LOOPS)
def test_gradients_through_loops_are_confirmed(name):
    for claim in gradient_claims(name):
        found = opinion(claim.statement())
        assert found.kind == "confirmed", (str(claim.left), str(claim.right), found.words)


@pytest.mark.parametrize("name", LOOPS)
def test_changed_exports_of_loops_are_seen(name):
    for place, claim in enumerate(gradient_claims(name)):
        data = claim.statement()
        assert claim.difference(data) == ""
        for kind, changed in changed_exports(data, place, 8):
            assert claim.difference(changed), kind


def test_a_loop_that_forgets_its_state_is_refuted():
    """A gradient that runs back through every layer, beside a loop in which each layer begins anew."""
    claim = next(one for one in gradient_claims("retention_recurrent") if str(one.left).startswith("dk"))
    data = claim.statement()
    data.pop("general", None)
    assert opinion(data).kind == "confirmed"
    carried = data["tensors"]["S"]["definition"]["body"]
    assert carried[0] == "where"
    carried[3] = carried[2]
    assert opinion(data).kind == "refuted"


CHOICES = {  # pairs that are equal, and pairs that are not: each at a tie, beside it, or outside an axis
    "where": (sf.where(sf.indicator(a, ">", b), a, b), sf.maximum(a, b), sf.minimum(a, b)),
    "and": (
        sf.indicator(a, ">", 0) * sf.indicator(b, ">", 0),
        sf.where((a > 0) & (b > 0), 1, 0),
        sf.where((a > 0) | (b > 0), 1, 0),
    ),
    "not": (1 - sf.indicator(a, ">", b), sf.where(a <= b, 1, 0), sf.where(a < b, 1, 0)),
    "sign": (sf.sign(a) * a, sf.abs(a), a),
    "mod": (sf.sum(sf.delta(k % 2, 0), (k, 3)), lift(1), lift(2)),
    "floor": (sf.sum(k // 2, (k, 3)), lift(2), lift(3)),
    "argmax": (x[sf.argmax(x[k], k)], sf.max(x[k], k), x[1]),
}


@pytest.mark.parametrize("word", CHOICES)
def test_words_that_choose(word):
    one, equal, other = map(lift, CHOICES[word])
    assert verdict(one, equal).kind == "confirmed"
    assert verdict(one, other).kind == "refuted"


def test_a_guard_turns_off_what_is_outside_its_axis():
    shifted = sf.sum(sf.indicator(k, ">", 1) * x[k - 1], (k, n))
    assert verdict(lift(shifted), lift(sf.sum(x[k], k) - x[n])).kind == "confirmed"
    assert verdict(lift(sf.sum(x[k - 1], (k, n))), lift(sf.sum(x[k], k) - x[n])).kind != "confirmed"


def test_many_kinds_of_size_do_not_fill_the_memory():
    sizes = sf.sizes("n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 n11 n12")
    total = lift(1)
    for at, size in enumerate(sizes):
        total = total * sf.sum(sf.tensor(f"y{at}", size)[k] ** 2 + 1, (k, size)) ** 2
    assert verdict(total, total + 0).kind in ("confirmed", "undecided")


# -- campaigns, in small; `tests/benchmarks/recheck.py` has them in full ---------------------------------------------


def test_nothing_unequal_is_confirmed():
    assert false_confirmations(random_pairs(24, start=7000)) == []


def test_no_mutant_is_confirmed_but_true_ones():
    mutants = [mutant for mutant in book_mutants() if mutant.relation == "="]
    wrong, kinds = wrong_verdicts([mutants[place * len(mutants) // 40] for place in range(40)], compare)
    assert wrong == []
    assert kinds["refuted"] > 25


@pytest.mark.parametrize("slug", ["softmax-jacobian", "online-softmax"])
def test_changed_exports_are_seen(slug):
    for place, claim in enumerate(claims(sf.load(slug))):
        data = claim.statement()
        assert claim.difference(data) == ""
        for kind, changed in changed_exports(data, place, 12):
            assert claim.difference(changed), kind
