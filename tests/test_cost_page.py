"""The page on which a reader moves the sizes of a model, in Chromium."""

import json

import pytest
from sympy import Min, Symbol, symbols

from symformer.cli.main import main
from symformer.models import cost_page, from_config
from symformer.models.terms import terms

pytestmark = pytest.mark.xdist_group("browser")

GPT2 = {"model_type": "gpt2", "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12}
MISTRAL = {
    "model_type": "mistral", "vocab_size": 32000, "hidden_size": 4096, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336, "sliding_window": 1024,
}  # fmt: skip


@pytest.fixture
def visit(browser, tmp_path):
    """Opens the page of a model; what it asks for and complains of is kept."""
    contexts = []

    def opened(config, batch, seq):
        model = from_config(config)
        path = tmp_path / "cost.html"
        path.write_text(cost_page(model, model.cost(batch, seq)), encoding="utf-8")
        contexts.append(browser.new_context())
        page = contexts[-1].new_page()
        page.heard = []
        page.on("request", lambda request: page.heard.append(request.url))
        page.on("console", lambda message: page.heard.append(message.text))
        page.on("pageerror", lambda error: page.heard.append(str(error)))
        page.goto(path.as_uri())
        return page, model

    yield opened
    for context in contexts:
        context.close()


def number(page, name):
    """A number of the table."""
    return int(page.locator(f"#total-{name}").inner_text().replace(",", ""))


def slide(page, size, steps):
    """Moves a slider by twelfths of a doubling."""
    page.locator(f"#size-{size}").evaluate(
        "(slider, steps) => { slider.value = 120 + steps; slider.dispatchEvent(new Event('input')); }", steps
    )


def agree(page, cost):
    """Whether the page shows what we count."""
    assert number(page, "parameters") == cost.parameters
    assert number(page, "forward_FLOPs") == cost.flops.forward.number
    assert number(page, "backward_FLOPs") == cost.flops.backward.number
    for kind in ("weights", "gradients", "optimizer", "activations", "kv_cache"):
        assert number(page, f"bytes_of_{kind}") == getattr(cost.memory, kind).number, kind


@pytest.mark.parametrize(("config", "seq"), [(GPT2, 256), (MISTRAL, 512)], ids=["GPT-2", "Mistral, with a window"])
def test_sliders_show_what_is_counted_at_other_sizes(visit, config, seq):
    page, model = visit(config, 2, seq)
    agree(page, model.cost(2, seq))
    slide(page, "n", 24)
    slide(page, "b", 12)
    agree(page, model.cost(4, 4 * seq))
    width, layers = (("n_embd", "n_layer"), ("hidden_size", "num_hidden_layers"))[config is MISTRAL]
    slide(page, "d", 12)
    slide(page, "L", -12)
    changed = {**config, width: 2 * config[width], layers: config[layers] // 2}
    agree(page, from_config(changed).cost(4, 4 * seq))
    page.locator("#reset").click()
    agree(page, model.cost(2, seq))
    assert [heard for heard in page.heard if not heard.startswith("file:")] == []


def test_bars_follow_the_sliders(visit):
    page, _ = visit(GPT2, 1, 256)
    attention = page.locator("#flops div", has_text="attention").locator("progress")
    before = attention.evaluate("bar => bar.value")
    slide(page, "n", 96)
    assert attention.evaluate("bar => bar.value") > before + 0.2


def test_a_hostile_configuration_stays_words(tmp_path, capsys):
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**GPT2, "activation_function": "</script><script>alert(1)</script>"}), encoding="utf-8")
    assert main(["cost", str(path), "-o", str(tmp_path / "out.html")]) == 2
    assert not (tmp_path / "out.html").exists()
    assert capsys.readouterr().err.count("\n") == 1


def test_formulas_are_lists_of_terms():
    L, d, n, H = symbols("L d n H", positive=True)
    assert terms(12 * L * d**2 - n / (2 * H)) == [[12.0, ["L", 1], ["d", 2]], [-0.5, ["H", -1], ["n", 1]]]
    assert terms(3 * L * Min(4096, n)) == [[3.0, ["L", 1], [["4096", "n"], 1]]]
    assert terms(Symbol("n", positive=True) * 0 + 7) == [[7.0]]


def test_words_keep_their_spaces():
    """Styles and scripts come without what their authors need; words come as they are."""
    model = from_config(GPT2)
    assert "Counted from the model's program, with bfloat16" in cost_page(model, model.cost(1, 8))
