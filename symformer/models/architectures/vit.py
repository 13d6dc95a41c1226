"""ViT: an encoder over the patches of an image."""

from __future__ import annotations

from functools import partial

from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.attention import attend_to
from symformer.models.bidirectional import at_first, through_dense
from symformer.models.blocks import ACTIVATIONS, feed_forward, normed, plus
from symformer.models.config import Reader
from symformer.models.layout import Stack, row
from symformer.models.rows import Heads, Rows, attention_rows, feed_forward_rows, linear, norm, prefixed
from symformer.models.sizes import Sizes, basic, heads_of
from symformer.models.streams import Block, Layers, top_of
from symformer.models.symbols import Parameters, Value, given, named
from symformer.models.tasks import Head
from symformer.notation import delta, lift, sum
from symformer.programs import Program, program

MODEL_TYPE = "vit"
RUNS = True  # its outputs are held against the transformers library
CLASSES = ("ViTModel", "ViTForImageClassification")


def describe(read: Reader) -> Architecture:
    """A ViT of this configuration; its sequence is the patches of an image after one class token.

    Raises:
        ConfigError: a key is missing, out of range, or asks for what is not here.

    Source: Dosovitskiy et al. 2020, arXiv:2010.11929.
    """
    sizes = basic(read, width=("hidden_size",), layers=("num_hidden_layers",), vocabulary=False)
    heads = heads_of(read, sizes, "num_attention_heads", key_names=(), own_head_size=False)
    sizes.set(at.d_ff, read.size("intermediate_size"))
    image = patches(read, sizes)
    head = _head(read, sizes)
    rows = layer_rows(heads, read.flag("qkv_bias", default=True))
    stack = Stack(at.L, head.prefix + "encoder.layer.{l}.", rows)
    eps = read.number("layer_norm_eps", default=1e-12)
    activation = read.choice("hidden_act", among=ACTIVATIONS, default="gelu")
    pooled = read.choice("pooler_act", among=ACTIVATIONS, default="tanh")
    read.ignore("encoder_stride", "pooler_output_size")
    return Architecture(
        head.model_class, sizes.numbers, sizes.relations, prefixed(head.prefix, outside_rows()) + head.rows, (stack,),
        partial(_write, head, stack, partial(_block, heads, eps, activation), eps, pooled), image=image,
        last_state=False,
    )  # fmt: skip


def _write(head: Head, stack: Stack, block: Block, eps: float, pooled: str) -> Program:
    """Patches, layers, a last norm, and the first position alone on top of them."""
    top = top_of(outside_rows(), head)
    x = Layers(stack, block)(_patches(top), "X_L")
    last = normed(top, "X_f", x, "f", eps=eps)
    if "W_C" in top:
        return program(top.linear("labels", at_first(last), "W_C", "b_C", "l").tensor)
    return program(last.tensor, through_dense(top, "pooled", at_first(last), "P", pooled).tensor)


def _patches(top: Parameters) -> Value:
    """The class token and the projected patches after it, each with its position."""
    patches = top.linear("X_P", given("pixels", "M I Y X"), "W_E", "b_E", "M a")
    i, j, a = at.INDEX["."], at.INDEX["M"], at.INDEX["a"]
    moved = sum(delta(i, lift(j) + 1) * patches.tensor[j, a], j)
    return named("X_0", ". a", delta(i, 1) * top["x_0"].entry + moved + top["P"].tensor[i, a])


def _block(heads: Heads, eps: float, activation: str, own: Parameters, x: Value) -> Value:
    """Attention, then a feed-forward block, each after a norm and added to the stream."""
    first = normed(own, "N_1", x, "1", eps=eps)
    x = plus("X_1", x, attend_to(own, first, first, heads))
    return plus("X_2", x, feed_forward(own, normed(own, "N_2", x, "2", eps=eps), activation))


def patches(read: Reader, sizes: Sizes) -> tuple[int, int]:
    """The size of an image; sets that of a patch and how many an image has."""
    sizes.set(at.C, read.size("num_channels", default=3))
    image, patch = _pair(read, "image_size"), _pair(read, "patch_size")
    if image[0] < patch[0] or image[1] < patch[1]:
        raise read.error("patch_size", f"at most the image's size {list(image)}", list(patch))
    sizes.set(at.P_y, patch[0])
    sizes.set(at.P_x, patch[1], at.P_y if patch[0] == patch[1] else None)
    sizes.set(at.n_P, (image[0] // patch[0]) * (image[1] // patch[1]))
    return image


def _pair(read: Reader, key: str) -> tuple[int, int]:
    """A size in both directions: one number, or two."""
    value = read.data.get(key)
    if not isinstance(value, list):
        return (read.size(key),) * 2
    read.read.add(key)
    numbers = [Reader({key: item}, read.source).size(key) for item in value]
    if len(numbers) != 2:
        raise read.error(key, "one number or two", value)
    return numbers[0], numbers[1]


def outside_rows() -> Rows:
    """The class token, positions, the projection of patches and the last norm."""
    return (
        row("embeddings.cls_token", "1 1 a", "embedding", x_0="a"),
        row("embeddings.position_embeddings", "1 N a", "embedding", P="N a"),
        row("embeddings.patch_embeddings.projection.weight", "a I Y X", "embedding", W_E="I Y X a"),
        row("embeddings.patch_embeddings.projection.bias", "a", "embedding", b_E="a"),
        *norm("layernorm", "f", bias=True),
    )


def layer_rows(heads: Heads, bias: bool) -> Rows:
    """The tensors of a layer, as the published files name them."""
    names = ("attention.query", "attention.key", "attention.value", "output.dense")
    return (
        *norm("layernorm_before", "1", bias=True),
        *attention_rows("attention.", heads, bias=bias, out_bias=True, names=names),
        *norm("layernorm_after", "2", bias=True),
        *feed_forward_rows("intermediate.dense", "output.dense", bias=True),
    )


def _head(read: Reader, sizes: Sizes) -> Head:
    found = read.model_class(CLASSES, "ViTModel")
    if found == "ViTModel":
        width = sizes.numbers[at.d]
        pooled = read.size("pooler_output_size", default=width)
        sizes.set(at.d_P, pooled, at.d if pooled == width else None)
        return Head(found, rows=linear("pooler.dense", "o", "a", "W_P", "a o", "head", bias="b_P"))
    sizes.set(at.n_C, read.labels())
    return Head(found, "vit.", "labels", linear("classifier", "l", "a", "W_C", "a l", "head", bias="b_C"), bias=True)
