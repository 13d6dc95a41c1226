"""Sweeps: the same bytes however they are run, from checkpoints too, and nothing overwritten that is not theirs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from symformer.cli import main
from symformer.dynamics import DynamicsError, Grid, attention_flow, read_diagram, simulate, sweep, uniform

GRID = Grid((0.5, 2.0), (0.0, 2.0, 5.0), (2, 16), n=8, runs=70, seed=3)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The bytes of the grid's result, by threads."""
    out = tmp_path_factory.mktemp("reference") / "phase.npz"
    with ThreadPoolExecutor(2) as pool:
        sweep(GRID, out, executor=pool)
    return out.read_bytes()


class OneByOne(Executor):
    """An executor that does what it is given at once, and counts it."""

    def __init__(self):
        self.done = 0

    def submit(self, function, /, *arguments, **named):
        self.done += 1
        future = Future()
        future.set_result(function(*arguments, **named))
        return future


def stopped(out, after):
    """A sweep that is interrupted after some pieces."""

    def interrupt(name, done, total):
        if done == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(GRID, out, executor=OneByOne(), on_done=interrupt)


def test_a_cell_is_the_share_of_runs_with_both_tokens_together(reference, tmp_path):
    (tmp_path / "phase.npz").write_bytes(reference)
    diagram = read_diagram(tmp_path / "phase.npz")
    assert diagram.together.shape == diagram.pairs.shape == (2, 2, 3)
    for place, d in enumerate(GRID.dimensions):
        for row, beta in enumerate(GRID.betas):
            cosines = simulate(attention_flow(beta), uniform(70, 8, d, seed=3), GRID.times).cosines
            assert np.array_equal((cosines[..., 0] >= 0.999).mean(axis=1), diagram.together[place, row])
            assert np.allclose((cosines >= 0.999).mean(axis=(1, 2)), diagram.pairs[place, row], atol=1e-15)
    assert 0 < diagram.together[1, 0, 2] <= 1
    assert len(np.unique(diagram.pairs)) > 6


def test_any_executor_gives_the_same_bytes(reference, tmp_path):
    diagram = sweep(GRID, executor=OneByOne())
    assert diagram.packed() == reference
    sweep(GRID, tmp_path / "phase.npz", workers=2)
    assert (tmp_path / "phase.npz").read_bytes() == reference
    assert [path.name for path in tmp_path.iterdir()] == ["phase.npz"]


def test_a_dask_cluster_gives_the_same_bytes(reference, tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, host="127.0.0.1", protocol="tcp"
    ) as cluster:
        command = ["sweep", "-o", str(tmp_path / "phase.npz"), "--dims", "2,16", "--betas", "0.5,2", "--times", "0,2,5"]
        status = main([*command, "-n", "8", "--runs", "70", "--seed", "3", "--dask", cluster.scheduler_address])
    assert status == 0
    assert (tmp_path / "phase.npz").read_bytes() == reference


def test_a_stopped_sweep_goes_on_where_it_was(reference, tmp_path):
    out, told = tmp_path / "phase.npz", []
    stopped(out, after=3)
    assert not out.exists()
    pool = OneByOne()
    sweep(GRID, out, executor=pool, on_done=lambda name, done, total: told.append((done, total)))
    assert pool.done == 5
    assert told == [(done, 8) for done in range(4, 9)]
    assert out.read_bytes() == reference


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_a_sweep_from_outside_stopped_goes_on_where_it_was(tmp_path, by):
    out, parts = tmp_path / "phase.npz", tmp_path / "phase.npz.parts"
    command = [
        sys.executable,
        "-m",
        "symformer",
        "sweep",
        "-n",
        "12",
        "--dims",
        "2",
        "--betas",
        "1:24:24",
        "--runs",
        "20",
    ]
    command += ["--times", "0,5,20", "--workers", "1", "-o", str(out)]
    heard = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731  # tests in the background ignore it
    running = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True, preexec_fn=heard)
    while running.poll() is None and not list(parts.glob("d*.npz")):
        time.sleep(0.005)
    os.killpg(running.pid, by)
    told = running.communicate()[1]
    if by == signal.SIGINT:
        assert (running.returncode, told) == (130, f"symformer: stopped; the same command goes on from {parts}\n")
    assert not out.exists()
    before = len(list(parts.glob("d*.npz")))
    assert 1 <= before < 24
    grid, pool = Grid(tuple(range(1, 25)), (0, 5, 20), (2,), n=12, runs=20), OneByOne()
    sweep(grid, out, executor=pool)
    assert pool.done == 24 - before
    assert out.read_bytes() == sweep(grid, executor=OneByOne()).packed()


def lost(piece):
    """A piece whose process dies."""
    os._exit(1)


def test_a_worker_that_dies_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("symformer.dynamics.sweeps.compute", lost)
    with pytest.raises(DynamicsError, match="a worker ended before its piece was done"), ProcessPoolExecutor(1) as pool:
        sweep(GRID, tmp_path / "phase.npz", executor=pool)


def test_a_finished_sweep_is_not_computed_again(reference, tmp_path):
    (tmp_path / "phase.npz").write_bytes(reference)
    pool = OneByOne()
    assert sweep(GRID, tmp_path / "phase.npz", executor=pool).packed() == reference
    assert pool.done == 0


def test_results_carry_their_parameters(reference, tmp_path):
    (tmp_path / "phase.npz").write_bytes(reference)
    assert read_diagram(tmp_path / "phase.npz").grid == GRID
    with np.load(tmp_path / "phase.npz", allow_pickle=False) as found:
        assert sorted(found.files) == ["betas", "dimensions", "pairs", "parameters", "times", "together"]


# Bad input. -----------------------------------------------------------------------------------------------------------


def other(**changed):
    """A grid with other parameters."""
    return Grid(**{**{key: value for key, value in GRID.parameters.items() if key != "format"}, **changed})


def test_a_result_of_other_parameters_is_not_overwritten(reference, tmp_path):
    out = tmp_path / "phase.npz"
    out.write_bytes(reference)
    with pytest.raises(DynamicsError, match=r"phase\.npz: is of other parameters, runs is 70 there and 71 here"):
        sweep(other(runs=71), out, executor=OneByOne())
    assert out.read_bytes() == reference


def test_a_checkpoint_of_other_parameters_is_not_touched(tmp_path):
    out = tmp_path / "phase.npz"
    stopped(out, after=2)
    before = {path: path.read_bytes() for path in out.with_name("phase.npz.parts").iterdir()}
    with pytest.raises(DynamicsError, match="seed is 3 there and 4 here; nothing was overwritten"):
        sweep(other(seed=4), out, executor=OneByOne())
    assert before == {path: path.read_bytes() for path in out.with_name("phase.npz.parts").iterdir()}
    assert not out.exists()


def test_a_strange_folder_or_file_is_not_touched(tmp_path):
    (tmp_path / "phase.npz.parts").mkdir()
    (tmp_path / "phase.npz.parts" / "mine.txt").write_text("mine")
    with pytest.raises(DynamicsError, match="is no checkpoint of a sweep"):
        sweep(GRID, tmp_path / "phase.npz", executor=OneByOne())
    (tmp_path / "other.npz").write_bytes(b"not a zip file")
    with pytest.raises(DynamicsError, match=r"other\.npz: expected an \.npz file with parameters"):
        sweep(GRID, tmp_path / "other.npz", executor=OneByOne())
    np.savez(tmp_path / "plain.npz", x=np.ones(3))
    with pytest.raises(DynamicsError, match=r"plain\.npz: expected an \.npz file with parameters"):
        read_diagram(tmp_path / "plain.npz")
    assert (tmp_path / "other.npz").read_bytes() == b"not a zip file"


def test_a_damaged_piece_is_named(tmp_path):
    out = tmp_path / "phase.npz"
    stopped(out, after=2)
    piece = next(path for path in sorted(Path(f"{out}.parts").iterdir()) if path.suffix == ".npz")
    piece.write_bytes(piece.read_bytes()[:100])
    with pytest.raises(DynamicsError, match=piece.name):
        sweep(GRID, out, executor=OneByOne())


BAD = {
    "model": ({"model": "x"}, "model: expected 'sa' or 'usa', got 'x'"),
    "β": ({"betas": (1.0, float("inf"))}, "betas: expected finite numbers, got inf"),
    "times": ({"times": (1.0, 0.0)}, "times: expected increasing"),
    "no β": ({"betas": ()}, "betas: expected a list of numbers"),
    "n": ({"n": 1}, "n: expected a whole number of at least 2, got 1"),
    "d": ({"dimensions": (1,)}, "dimensions: expected a whole number of at least 2, got 1"),
    "twice": ({"dimensions": (2, 2)}, "dimensions: expected different ones"),
    "runs": ({"runs": 0}, "runs: expected a whole number of at least 1, got 0"),
    "δ": ({"delta": 1.0}, "delta: expected less than 1, got 1"),
    "step": ({"step": 0.0}, "step: expected a number above 0"),
    "large step": ({"step": 30.0}, "step: SA .* after a step of 30"),
    "β of USA": ({"model": "usa", "betas": (900.0,)}, "beta: expected at most 500"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_parameters_are_named_and_nothing_is_written(name, tmp_path):
    changed, words = BAD[name]
    with pytest.raises(DynamicsError, match=words):
        sweep(other(**changed), tmp_path / "phase.npz", executor=OneByOne())
    assert list(tmp_path.iterdir()) == []


def test_no_folder_for_the_result_is_named(tmp_path):
    with pytest.raises(DynamicsError, match="its folder does not exist"):
        sweep(GRID, tmp_path / "none" / "phase.npz", executor=OneByOne())
    with pytest.raises(DynamicsError, match="workers: expected a whole number of at least 1, got 0"):
        sweep(GRID, workers=0)
