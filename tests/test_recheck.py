"""The second judge: what it confirms, what it turns down, and that it stands on the standard library alone."""

from __future__ import annotations

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
from symformer.recheck import agrees, opinion
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
            line.update(verdict="proved", by=["normal form"])
        return found

    monkeypatch.setattr(check, "judged", faulty)
    assert main(["check", "gelu-slope"]) == 0
    assert main(["check", "--recheck", "gelu-slope"]) == 1
    assert "gelu-slope (6): the judges disagree: proved" in capsys.readouterr().err


def test_both_judges_are_named(capsys):
    assert main(["check", "--recheck", "--json", "softmax-jacobian"]) == 0
    for line in json.loads(capsys.readouterr().out)["softmax-jacobian"]["lines"]:
        assert line["by"] == ["normal form", "finite fields"]
        assert line["recheck"].startswith("confirmed: at n ≤ ")


# -- the book --------------------------------------------------------------------------------------------------------

QUARTERS = 4


@pytest.mark.parametrize("quarter", range(QUARTERS))
def test_the_second_judge_confirms_the_book(quarter):
    """97 % of the equations that are meant to be true, and none that is meant to be false."""
    slugs = [listed.slug for listed in sf.contents()][quarter::QUARTERS]
    found = [(one, opinion(one.statement())) for slug in slugs for one in claims(sf.load(slug)) if one.relation == "="]
    against = [f"{one.name}: {said.words}" for one, said in found if not agrees(said, one.expected)]
    assert against == []
    undecided = [one.name for one, said in found if one.expected is None and said.kind != "confirmed"]
    assert len(undecided) <= 0.03 * len(found), undecided


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
