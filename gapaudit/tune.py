"""Tunes the deep encoder on the gold passages: `make tunings`, or `python -m gapaudit.tune [GOLD_FOLDER]`.

The encoder is made again as a network of PyTorch, and learns to tell what a passage offers. Only some numbers of its
upper layers learn: biases and norms (Ben Zaken et al., BitFit, 2022), and the scale of each block of a matrix that is
cut to 4 bits, while the 4 bits stay (Kim et al., PEQA, 2023). They are few, and small in the model file. It is done
once by all passages, and once without each group of sites (tunings.py); together about an hour on two cores. Needs
torch and tokenizers, which nothing else does.
"""

import re
import struct
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.pre_tokenizers import Metaspace
from torch import Tensor, nn
from torch.nn import functional

from analysis.encoder import (
    BLOCK,
    BLOCK_BYTES,
    HEADER,
    PLAIN,
    STEPS,
    VOCABULARY,
    Tuning,
    model_path,
    tensors_of,
)
from analysis.gold import read_passages
from analysis.vectors import DEEP_SIZE, LONGEST
from gapaudit.train import GOLD, truth_of
from gapaudit.tunings import GROUPS, WHOLE, group_of, save_tunings

LAYERS, HEADS, INNER = 12, 12, 1536
TUNED_FROM = 6  # layers below stay as they are, and what they make of a passage is made once
EPSILON = 1e-12
BEGIN, END = 0, 2  # the tokens that every text begins and ends with
EPOCHS, RATE, SCALE_RATE, HEAD_RATE = 4, 1e-3, 2e-3, 1e-2
DECAY = 0.01
TOKENS = 2048  # of a batch
DROPPED, SHARPNESS = 0.1, 20.0  # of what the head is given: a vector of length 1
SEED = 0

Floats = npt.NDArray[np.float32]


def main(folder: Path = GOLD) -> None:
    """Tune, and write the tunings beside the gold passages."""
    passages = read_passages(folder)
    texts = [" ".join(line.removeprefix("# ") for line in p.text.splitlines()) for p in passages]
    lower = lower_states([token_ids(text) for text in texts])
    truth, groups = truth_of(passages), np.array([group_of(p.fold) for p in passages])
    tunings = {}
    for owner in (WHOLE, *range(GROUPS)):
        chosen = np.flatnonzero(groups != owner)
        tunings[str(owner)] = tune([lower[place] for place in chosen], truth[chosen], str(owner))
    save_tunings(tunings)


class Scaled(nn.Module):
    """A matrix of the encoder whose numbers stay as they are but for the scale of each block, and a bias."""

    blocks: Tensor

    def __init__(self, name: str, outputs: int, inputs: int) -> None:
        super().__init__()
        self.register_buffer("blocks", tensor(f"{name}.w", outputs, inputs // BLOCK, BLOCK))
        self.grows = nn.Parameter(torch.zeros(outputs, inputs // BLOCK, 1))  # by this share
        self.bias = nn.Parameter(tensor(f"{name}.b", outputs))

    def forward(self, states: Tensor) -> Tensor:
        """The matrix times states (texts, tokens, inputs), and the bias."""
        return functional.linear(states, (self.blocks * (1 + self.grows)).flatten(1), self.bias)


class Layer(nn.Module):
    """A layer of the encoder."""

    def __init__(self, number: int) -> None:
        super().__init__()
        for name, outputs, inputs in (
            ("q", DEEP_SIZE, DEEP_SIZE),
            ("k", DEEP_SIZE, DEEP_SIZE),
            ("v", DEEP_SIZE, DEEP_SIZE),
            ("ao", DEEP_SIZE, DEEP_SIZE),
            ("fi", INNER, DEEP_SIZE),
            ("fo", DEEP_SIZE, INNER),
        ):
            self.add_module(name, Scaled(f"l{number}.{name}", outputs, inputs))
        for name in ("aln", "oln"):
            norm = nn.LayerNorm(DEEP_SIZE, eps=EPSILON)
            norm.weight = nn.Parameter(tensor(f"l{number}.{name}.w", DEEP_SIZE))
            norm.bias = nn.Parameter(tensor(f"l{number}.{name}.b", DEEP_SIZE))
            self.add_module(name, norm)

    def forward(self, states: Tensor, there: Tensor) -> Tensor:
        """From the states of texts' tokens (texts, tokens, DEEP_SIZE), and which of them are there, the next ones."""
        part: Any = self
        size = (*states.shape[:2], HEADS, DEEP_SIZE // HEADS)
        query, key, value = (getattr(self, name)(states).view(size).transpose(1, 2) for name in "qkv")
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=there[:, None, None, :])
        states = part.aln(states + part.ao(seen.transpose(1, 2).reshape(states.shape)))
        out: Tensor = part.oln(states + part.fo(functional.gelu(part.fi(states))))
        return out


class Upper(nn.Module):
    """The layers that are tuned, and a head that tells from a text's vector what it offers."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Layer(number) for number in range(TUNED_FROM, LAYERS)])
        self.head = nn.Linear(DEEP_SIZE, labels)
        nn.init.zeros_(self.head.weight)
        self.drop = nn.Dropout(DROPPED)

    def vectors(self, states: Tensor, there: Tensor) -> Tensor:
        """The vectors of texts, of length 1, from the states of their tokens."""
        for layer in self.layers:
            states = layer(states, there)
        weights = there.float().unsqueeze(-1)
        return functional.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)

    def forward(self, states: Tensor, there: Tensor) -> Tensor:
        """The log-odds of each label: shape (texts, labels)."""
        out: Tensor = self.head(self.drop(self.vectors(states, there)) * SHARPNESS)
        return out


def tune(lower: Sequence[Tensor], truth: npt.NDArray[Any], name: str) -> Tuning:
    """What tuning changes in the upper layers, from the lower states of passages and their labels."""
    torch.manual_seed(SEED)
    chance = np.random.default_rng(SEED)
    network = Upper(truth.shape[1])
    before = {key: value.detach().clone() for key, value in network.layers.named_parameters()}
    answers = torch.tensor(truth, dtype=torch.float32)
    shares = answers.mean(0)
    network.head.bias.data = torch.log(shares / (1 - shares)).clamp(-4, 4)
    lengths = np.array([len(states) for states in lower])
    steps = EPOCHS * len(batches(lengths, TOKENS))
    learns = dict(network.layers.named_parameters())
    scales = [key for key in learns if key.endswith(".grows")]
    plain = [key for key in learns if key not in scales]
    optimiser = torch.optim.AdamW(
        [
            {"params": [learns[key] for key in plain], "lr": RATE, "weight_decay": DECAY},
            {"params": [learns[key] for key in scales], "lr": SCALE_RATE, "weight_decay": DECAY},
            {"params": network.head.parameters(), "lr": HEAD_RATE},
        ]
    )
    rates = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / (0.1 * steps)) * max(0, 1 - step / steps)
    )
    network.train()
    for epoch in range(EPOCHS):
        total = 0.0
        for batch in batches(lengths, TOKENS, chance):
            found = network(*together([lower[place] for place in batch]))
            loss = functional.binary_cross_entropy_with_logits(found, answers[batch], reduction="none").sum(1).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            rates.step()
            total += loss.item() * len(batch)
        print(f"{name}: epoch {epoch + 1} of {EPOCHS}, loss {total / len(lower):.4f}", flush=True)
    changes = {key: (value.detach() - before[key]).numpy().ravel() for key, value in learns.items()}
    largest = np.iinfo(np.int8).max
    return Tuning(
        {_name_in_file(key): changes[key].astype(np.float16) for key in plain},
        {
            _name_in_file(key): np.clip(np.round(changes[key] * STEPS), -largest, largest).astype(np.int8)
            for key in scales
        },
    )


def _name_in_file(key: str) -> str:
    """'0.aln.bias' of the tuned layers is 'l6.aln.b' of the file, '0.q.grows' is 'l6.q.w'."""
    number, part, kind = key.split(".")
    return f"l{TUNED_FROM + int(number)}.{part}.{'b' if kind == 'bias' else 'w'}"


def lower_states(texts: Sequence[npt.NDArray[np.int64]]) -> list[Tensor]:
    """What the layers below TUNED_FROM make of the tokens of texts, each (tokens, DEEP_SIZE), in 16 bits."""
    words = tensor("emb.word", -1, DEEP_SIZE)
    places, kind = tensor("emb.pos", -1, DEEP_SIZE), tensor("emb.type", -1, DEEP_SIZE)[0]
    weight, bias = tensor("emb.ln.w", DEEP_SIZE), tensor("emb.ln.b", DEEP_SIZE)
    layers = [Layer(number) for number in range(TUNED_FROM)]
    lengths = np.array([len(text) for text in texts])
    found: list[Tensor] = [torch.empty(0)] * len(texts)
    with torch.no_grad():
        for batch in batches(lengths, 4 * TOKENS):
            states, there = together([words[torch.tensor(texts[place])] for place in batch])
            states = states + places[: states.shape[1]] + kind
            states = functional.layer_norm(states, (DEEP_SIZE,), weight, bias, EPSILON)
            for layer in layers:
                states = layer(states, there)
            for row, place in enumerate(batch):
                found[place] = states[row, : lengths[place]].half()
    return found


def together(texts: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """States of texts in one tensor (texts, tokens, DEEP_SIZE), and which of its tokens are there."""
    longest = max(len(states) for states in texts)
    states = torch.zeros(len(texts), longest, DEEP_SIZE)
    there = torch.zeros(len(texts), longest, dtype=torch.bool)
    for row, own in enumerate(texts):
        states[row, : len(own)] = own
        there[row, : len(own)] = True
    return states, there


def batches(lengths: npt.NDArray[Any], tokens: int, chance: np.random.Generator | None = None) -> list[list[int]]:
    """Places of texts of about the same length, so many tokens a batch; shuffled by chance, if there is one."""
    order = np.argsort(lengths + (chance.random(len(lengths)) * 4 if chance else 0), kind="stable")
    made: list[list[int]] = []
    batch: list[int] = []
    for place in order.tolist():
        batch.append(place)
        if len(batch) * lengths[place] >= tokens:
            made.append(batch)
            batch = []
    if batch:
        made.append(batch)
    if chance:
        chance.shuffle(made)
    return made


def tensor(name: str, *shape: int) -> Tensor:
    """A tensor of the encoder's file."""
    place = tensors_of(model_path())[name]
    kind = "<f4" if place.kind == PLAIN else np.uint8
    count = place.size if place.kind == PLAIN else place.size // BLOCK * BLOCK_BYTES
    values = np.fromfile(model_path(), dtype=kind, count=count, offset=place.place)
    if place.kind != PLAIN:
        values = from_4_bits(values)
    return torch.tensor(values).reshape(shape)


def from_4_bits(stored: npt.NDArray[np.uint8]) -> Floats:
    """The numbers of blocks: a scale in 16 bits, then the lower halves of 16 bytes and their upper ones, less 8."""
    blocks = stored.reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32)
    return np.asarray(((halves - 8) * scales).ravel(), dtype=np.float32)


@cache
def tokenizer() -> tuple[Tokenizer, dict[int, str]]:
    """What cuts a text into the encoder's tokens, by the vocabulary of its file, and what that says some characters
    are written as."""
    with model_path().open("rb") as file:
        file.seek(HEADER)
        pieces, *_, unknown, letters = VOCABULARY.unpack(file.read(VOCABULARY.size))
        ends = np.frombuffer(file.read(4 * (pieces + 1)), dtype="<u4")
        scores = np.frombuffer(file.read(4 * pieces), dtype="<f4")
        blob = file.read(letters)
        number, _ = struct.unpack("<iI", file.read(8))
        rules = {}
        for _ in range(number):
            character, count = struct.unpack("<IB", file.read(5))
            rules[character] = "".join(map(chr, struct.unpack(f"<{count}I", file.read(4 * count))))
    vocabulary = [
        (blob[start:end].decode(), float(score)) for start, end, score in zip(ends, ends[1:], scores, strict=False)
    ]
    tokens = Tokenizer(Unigram(vocabulary, unknown, byte_fallback=False))
    tokens.pre_tokenizer = Metaspace(prepend_scheme="always", split=False)
    return tokens, rules


def token_ids(text: str) -> npt.NDArray[np.int64]:
    """The tokens of a passage as analysis/vectors.py gives it to the encoder."""
    cut = "passage: " + " ".join(text[:LONGEST].split())
    tokens, rules = tokenizer()
    alike = re.sub(" {2,}", " ", cut.translate(rules))
    return np.array([BEGIN, *tokens.encode(alike, add_special_tokens=False).ids, END])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
