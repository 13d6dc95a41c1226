"""`simulate` and `sweep` on the command line, their pictures and the page on which the sphere turns."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from playwright.sync_api import expect

from symformer.cli import main
from symformer.dynamics import (
    DynamicsError,
    Grid,
    PhaseDiagram,
    attention_flow,
    draw_energy,
    draw_gamma,
    draw_particles,
    draw_phase_diagram,
    simulate,
    sphere_page,
    uniform,
)


def run(capsys, *arguments):
    """Exit status, standard output and standard error of a command."""
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


# Commands. ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["sa", "usa", "pre-norm", "unprojected", "gram", "circle", "kuramoto"])
def test_every_model_is_told_over_time(capsys, model):
    status, out, _ = run(
        capsys, "simulate", "--model", model, "--beta", 1, "-n", 6, "--until", 2, "--frames", 3, "--json"
    )
    rows = json.loads(out)
    assert status == 0
    assert [row["t"] for row in rows] == [0, 1, 2]
    assert list(rows[0]) == ["t", "energy", "least_cosine", "mean_cosine", "clusters"]
    assert rows[0]["mean_cosine"] < rows[2]["mean_cosine"]


def test_a_run_is_kept_with_its_parameters(capsys, tmp_path):
    weights = {name: np.eye(3).tolist() for name in "QKV"}
    (tmp_path / "weights.json").write_text(json.dumps(weights))
    status, _, _ = run(capsys, "simulate", "-n", 5, "--runs", 2, "--until", 1, "--frames", 2, "--weights",
                       tmp_path / "weights.json", "-o", tmp_path / "run.npz")  # fmt: skip
    with np.load(tmp_path / "run.npz", allow_pickle=False) as found:
        states, settings = found["states"], json.loads(str(found["parameters"][()]))
        assert found["beta"] == 4
    assert status == 0
    assert settings == {"flow": "SA", "scheme": "rk4", "step": 0.1, "seed": 0, "start": "uniform"}
    assert np.array_equal(
        states, simulate(attention_flow(4.0, weights=[np.eye(3)] * 3), uniform(2, 5, 3), [0, 1]).states
    )


def test_an_adaptive_solver_agrees_with_steps(capsys):
    rows = [
        json.loads(run(capsys, "simulate", "-n", 4, "--until", 2, "--frames", 2, "--solver", solver, "--json")[1])
        for solver in ("rk4", "DOP853")
    ]
    assert abs(rows[0][1]["energy"] - rows[1][1]["energy"]) < 1e-5


BAD = {
    "n": (("-n", 1), "n: expected a whole number of at least 2, got 1"),
    "β": (("--beta", "nan"), "beta: expected finite numbers, got nan"),
    "β infinite": (("--beta", "inf"), "beta: expected finite numbers, got inf"),
    "step": (("--step", 40), "step: SA .* after a step of 40"),
    "frames": (("--frames", 1), "times: expected at least two"),
    "until": (("--until", -1), "times: expected increasing numbers, got 0, then -0.01"),
    "ending": (("-o", "run.txt"), "-o: expected a name that ends with .npz or .svg or .html, got run.txt"),
    "folder": (("-o", "none/run.npz"), "-o: none: no such folder"),
    "d of a picture": (("-o", "run.svg", "-d", 4), "d: expected 2 or 3 for a picture, got 4"),
    "model of a page": (("-o", "run.html", "--model", "gram"), "--model: expected sa or usa for a page"),
    "weights": (("--weights", "none.json"), "none.json: cannot be read"),
    "start": (("--start", "orthogonal", "-d", 3), "d: expected at least n = 32, got 3"),
    "model of weights": (("--model", "gram", "--weights", "w.json"), "--weights: model gram has Q = K = V = I"),
    "list": (("--betas", "1:2"), "argument --betas: expected numbers as 1,2,4 or FIRST:LAST:COUNT, got '1:2'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_status_two(capsys, tmp_path, monkeypatch, name):
    arguments, words = BAD[name]
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, "simulate", "--until", "1", *arguments)
    assert (status, out) == (2, "")
    assert re.search(words, err)
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_writes_its_result_and_its_picture(capsys, tmp_path):
    grid = ("--dims", "2,3", "--betas", "1:3:3", "--times", "0:4:5", "--runs", 4, "-n", 6, "--workers", 1)
    out, picture = tmp_path / "phase.npz", tmp_path / "phase.svg"
    status, told, err = run(capsys, "sweep", "-o", out, *grid, "--picture", picture)
    assert (status, err) == (0, "")
    assert told == f"{out}: 2 x 3 x 5 cells of 4 runs\n"
    assert "d = 3" in picture.read_text(encoding="utf-8")
    status, _, err = run(capsys, "sweep", "-o", out, *grid[:-2], "--seed", 1)
    assert status == 2
    assert "seed is 0 there and 1 here; nothing was overwritten" in err


def test_a_cluster_that_is_not_there_is_named(capsys, tmp_path):
    status, _, err = run(capsys, "sweep", "-o", tmp_path / "phase.npz", "--dask", "nonsense://x")
    assert status == 2
    assert "--dask: nonsense://x" in err
    assert list(tmp_path.iterdir()) == []


def test_commands_without_particles_do_not_load_their_room():
    code = (
        "import sys; from symformer.cli import main; main(['show', 'x']); sys.exit('symformer.dynamics' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


# Pictures. ------------------------------------------------------------------------------------------------------------


def drawn(picture, tag):
    """The elements of a picture with this tag."""
    return ElementTree.fromstring(picture.svg).findall(f".//{{http://www.w3.org/2000/svg}}{tag}")


@pytest.mark.parametrize("d", [2, 3])
def test_each_moment_shows_every_token(d):
    times = np.linspace(0, 20, 9)
    run_ = simulate(attention_flow(1.0), uniform(1, 12, d, seed=1), times)
    picture = draw_particles(run_, "Tokens", moments=6)
    assert len(drawn(picture, "circle")) == 6 * (12 + 1)
    assert [text.text for text in drawn(picture, "text")] == [
        "t = 0",
        "t = 5",
        "t = 7.5",
        "t = 12.5",
        "t = 15",
        "t = 20",
    ]
    assert picture.description.endswith("at t = 20 1 cluster.")


def test_tokens_on_the_circle_stand_at_their_angles():
    x = np.array([[1.0, 0.0], [0.0, 1.0]])
    dots = drawn(draw_particles(simulate(attention_flow(1.0), x, [0, 1]), "Two", moments=2), "circle")[1:3]
    (ax, ay), (bx, by) = [(float(dot.get("cx")), float(dot.get("cy"))) for dot in dots]
    assert ax > bx
    assert ay > by
    assert abs((ax - bx) - (ay - by)) < 0.02


def test_curves_of_energy_and_gamma_tell_their_ends():
    run_ = simulate(attention_flow(2.0), uniform(2, 8, 64, seed=1), np.linspace(0, 6, 13))
    assert "run 1: from" in draw_energy(run_, "Energy", (0, 1)).description
    told = re.search(r"γ\(t\): from 0 at 0 to ([\d.]+) at 6; simulated: from", draw_gamma(run_, "γ", 2.0).description)
    assert float(told[1]) > 0.99


def test_the_phase_diagram_shades_what_is_likely_and_draws_the_curve():
    grid = Grid((0.0, 2.0, 4.0), (0.0, 5.0, 10.0), (2, 4), n=8, runs=1)
    shares = np.zeros((2, 3, 3))
    shares[1, :2, 1:] = 1.0
    picture = draw_phase_diagram(PhaseDiagram(grid, shares, shares), "Phases")
    assert "d = 2: 0% above 1/2; d = 4: 44% above 1/2" in picture.description
    assert len(drawn(picture, "rect")) == 2
    assert len(drawn(picture, "path")) == 2


def test_pictures_that_cannot_be_drawn_say_why():
    run_ = simulate(attention_flow(2.0), uniform(2, 8, 3), [0, 1])
    with pytest.raises(DynamicsError, match="run: expected 0 to 1, got 2"):
        draw_particles(run_, "x", run=2)
    single = Grid((1.0,), (0.0, 1.0), (2,), n=4, runs=1)
    with pytest.raises(DynamicsError, match="betas, times: expected at least two of each"):
        draw_phase_diagram(PhaseDiagram(single, np.zeros((1, 1, 2)), np.zeros((1, 1, 2))), "x")


# The page. ------------------------------------------------------------------------------------------------------------

PAGE = {"betas": (1.0, 4.0), "tokens": (4, 8), "until": 20.0, "frames": 11, "seed": 1}


def test_the_page_is_the_same_each_time_and_names_no_address():
    page = sphere_page(**PAGE)
    assert page == sphere_page(**PAGE)
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)=|@import|url\(|https?://(?!www\.w3\.org/2000/svg)", page)
    with pytest.raises(DynamicsError, match="betas, tokens: expected at least one of each"):
        sphere_page(tokens=())


def test_the_page_opens_at_what_was_asked_for(tmp_path, capsys):
    """What `simulate` is told reaches its page, or is refused by name."""
    out = tmp_path / "page.html"
    main(["simulate", "--beta", "1.5", "-n", "20", "--frames", "3", "--start", "hemisphere", "-o", str(out)])
    page = out.read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="data" type="application/json">(.*?)</script>', page, re.DOTALL)[1])
    shown = {name: int(re.search(rf'id="{name}" type="range" min="0" max="\d+" value="(\d+)"', page)[1])
             for name in ("beta", "tokens")}  # fmt: skip
    assert (data["betas"][shown["beta"]], data["tokens"][shown["tokens"]]) == ("1.5", 20)
    assert "n = 20, β = 1.5" in page
    assert page != sphere_page(beta=1.5, n=20, frames=3)
    refused = {
        ("-d", "4"): "-d: a page has 3, got 4",
        ("--runs", "2"): "--runs: a page has 1, got 2",
        ("--start", "orthogonal"): "start: expected uniform or hemisphere for a page",
    }
    for options, words in refused.items():
        assert main(["simulate", *options, "-o", str(out)]) == 2
        assert words in capsys.readouterr().err


def test_a_reader_turns_the_sphere_and_moves_time_beta_and_n(tmp_path, browser):
    (tmp_path / "page.html").write_text(sphere_page(**PAGE), encoding="utf-8")
    heard = []
    page = browser.new_page(viewport={"width": 360, "height": 800})
    for event in ("console", "pageerror", "request"):
        page.on(event, lambda found: heard.append(str(getattr(found, "url", None) or found)))
    page.goto((tmp_path / "page.html").as_uri())

    def places():
        dots = page.locator("circle.token")
        return dots.evaluate_all(
            "all => all.filter(d => d.getAttribute('visibility') === 'visible')"
            ".map(d => [d.getAttribute('cx'), d.getAttribute('cy')].map(Number))"
        )

    first = places()
    assert len(first) == 8
    start = simulate(attention_flow(1.0), uniform(1, 8, 3, seed=1), [0, 20])
    page.locator("#sphere").focus()
    page.keyboard.press("ArrowRight")
    turned = places()
    assert turned != first
    page.mouse.move(180, 300)
    page.mouse.down()
    page.mouse.move(240, 280)
    page.mouse.up()
    assert places() != turned
    page.locator("#beta").fill("0")
    page.locator("#time").fill("10")
    last = np.array(places())
    assert np.ptp(last, axis=0).max() < 0.1
    assert page.locator("#seen").inner_text() == f"1 cluster, energy {start.energy[-1, 0]:.5g}"
    assert [page.locator(f"#{name}-is").inner_text() for name in ("beta", "tokens", "time")] == ["1", "8", "20"]
    page.locator("#tokens").fill("0")
    assert len(places()) == 4
    page.locator("#time").fill("0")
    page.locator("#play").click()
    expect(page.locator("#time")).to_have_value("10")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()
    assert heard == [(tmp_path / "page.html").as_uri()]
