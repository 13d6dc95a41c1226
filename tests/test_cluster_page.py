"""The page on which a reader moves a plan, in Chromium: it shows what we count."""

import pytest

from symformer import cluster
from symformer.models import from_config

pytestmark = pytest.mark.xdist_group("browser")

LLAMA = {
    "model_type": "llama", "vocab_size": 510, "hidden_size": 64, "num_hidden_layers": 8, "num_attention_heads": 8,
    "intermediate_size": 128, "max_position_embeddings": 64,
}  # fmt: skip
MIXTRAL = {**LLAMA, "model_type": "mixtral", "num_local_experts": 8, "num_experts_per_tok": 2}
GPT2 = {"model_type": "gpt2", "vocab_size": 510, "n_embd": 64, "n_layer": 8, "n_head": 8, "n_positions": 64}


@pytest.fixture
def visit(browser, tmp_path):
    """Opens the page of a plan; what it asks for and complains of is kept."""
    contexts = []

    def opened(*found):
        path = tmp_path / "cluster.html"
        path.write_text(cluster.cluster_page(*found), encoding="utf-8")
        contexts.append(browser.new_context())
        page = contexts[-1].new_page()
        page.heard = []
        page.on("request", lambda request: page.heard.append(request.url))
        page.on("console", lambda message: page.heard.append(message.text))
        page.on("pageerror", lambda error: page.heard.append(str(error)))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


def move(page, **plan):
    """Moves sliders to numbers, chooses from lists, ticks the box."""
    for name, wanted in plan.items():
        page.locator(f"#plan-{name}").evaluate(
            """(field, wanted) => {
              if (field.type === "checkbox") field.checked = wanted;
              else if (field.type === "range") field.value = steps(field.dataset.plan).indexOf(wanted);
              else field.value = String(wanted);
              field.dispatchEvent(new Event("input"));
            }""",
            wanted,
        )


def agree(page, shards, plan, number, suffix=""):
    """Whether the page shows what we count for a device of a stage."""
    stage = cluster.stage_of(shards, plan, number)
    memory = cluster.memory_of(shards, plan, stage)
    shown = {kind: int(page.locator(f"#bytes-{kind}{suffix}").get_attribute("data-bytes")) for kind in memory.kinds}
    assert shown == {kind: pytest.approx(value, abs=1) for kind, value in memory.kinds.items()}
    for name, value in {
        "parameters": cluster.parameters_of(shards, plan, stage), "devices": plan.devices, "batch": plan.batch,
        "flops": cluster.flops_of(shards, plan, stage, again=True),
        "sent": sum(one.total for one in cluster.collectives_of(shards, plan, stage)),
    }.items():  # fmt: skip
        assert int(page.locator(f"#total-{name}{suffix}").inner_text().replace(",", "")) == pytest.approx(
            value, abs=1
        ), name
    device = cluster.DEVICES[page.locator("#plan-device").input_value()]
    seconds = cluster.network_seconds(cluster.collectives_of(shards, plan, stage), plan, device)
    assert float(page.locator(f"#total-network{suffix}").inner_text()) == pytest.approx(seconds, rel=1e-3)
    read = cluster.moved_bytes(shards, plan, stage) / device.bandwidth
    assert float(page.locator(f"#total-moved{suffix}").inner_text()) == pytest.approx(read, rel=1e-3)


@pytest.mark.parametrize("config", [LLAMA, GPT2, MIXTRAL], ids=lambda config: config["model_type"])
def test_sliders_show_what_is_counted_for_other_plans(visit, config):
    shards = cluster.Shards(from_config(config), cluster.Setting(32, recompute="selective"))
    expert = 2 if shards.has_experts else 1
    start = cluster.plan_of(tp=2, pp=2, dp=4, ep=expert, batch=16, sp=True, zero=1)
    page = visit(cluster.report(shards, start, cluster.DEVICES["a100"]))
    agree(page, shards, start, 0)
    move(page, stage="last", zero=3)
    agree(page, shards, cluster.plan_of(tp=2, pp=2, dp=4, ep=expert, batch=16, sp=True, zero=3), 1)
    move(page, tp=4, pp=4, micro=2, count=8, sp=False, schedule="interleaved", chunks=2, stage="first")
    other = cluster.plan_of(
        tp=4, pp=4, dp=4, ep=expert, batch=64, micro_batch=2, zero=3, schedule="interleaved", chunks=2
    )
    agree(page, shards, other, 0)
    move(page, pp=16)
    assert "do not divide the 8 layers; nearest: 8" in page.locator("#misfit").inner_text()
    page.locator("#reset").click()
    agree(page, shards, start, 0)
    assert [heard for heard in page.heard if not heard.startswith("file:")] == []


def test_the_picture_says_when_the_device_is_too_small(visit):
    shards = cluster.Shards(from_config(LLAMA), cluster.Setting(32))
    small = cluster.Device("small", 1e12, 1e6, 1e11, 1e10, 1e9, 8, "a test")
    page = visit(cluster.report(shards, cluster.plan_of(), small))
    assert "holds 1.000 MB" in page.locator("#misfit").inner_text()
    assert page.locator("#picture rect").count() == 7


def test_two_models_side_by_side_each_with_its_own_numbers(visit):
    setting = cluster.Setting(32, recompute="selective")
    both = [cluster.Shards(from_config(config), setting) for config in (LLAMA, {**MIXTRAL, "num_hidden_layers": 6})]
    start = cluster.plan_of(tp=2, pp=2, dp=4, ep=2, batch=16, zero=1)
    page = visit(*(cluster.report(one, start, cluster.DEVICES["a100"]) for one in both))
    for suffix, one in zip(("", "-2"), both, strict=True):
        agree(page, one, start, 0, suffix)
    widths = [page.locator(f"#picture{suffix} rect").first.get_attribute("width") for suffix in ("", "-2")]
    held = [page.locator(f"#bytes-weights{suffix}").get_attribute("data-bytes") for suffix in ("", "-2")]
    assert float(widths[1]) / float(widths[0]) == pytest.approx(int(held[1]) / int(held[0])), "one scale for both"
    move(page, pp=4, stage="last")
    other = cluster.plan_of(tp=2, pp=4, dp=4, ep=2, batch=32, micro_batch=1, zero=1)
    move(page, count=8)
    agree(page, both[0], other, 3)
    assert "MixtralForCausalLM: pp: 4 runs of layers do not divide the 6 layers" in page.locator("#misfit").inner_text()
    assert page.locator("#total-step-2").inner_text() == "–" and page.locator("#picture-2 rect").count() == 0
    assert [heard for heard in page.heard if not heard.startswith("file:")] == []
