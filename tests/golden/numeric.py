"""What the golden scripts without PyTorch share: the small world of `world.py`, and the file that a model's case becomes, in
NumPy with 64-bit floats. Gradients are central differences, and Adam is written down here, so no library of gradients takes part.

A script describes its model as those of `world.py` do, and calls `write` in the same way. Losses that hold some of their values
fixed, as a target without a gradient, take them from `fixed(world, p, s)`, which is computed once before the differences.

Run with Python 3 and NumPy (2.4): python3 tests/golden/freedom.py
"""
import json
import os
import sys

import numpy as np


class World:
    """Seven users, one of them with one item, and nine items, one of them without users. Batches of different users."""

    def __init__(self, seed, features=None, sparse=(), users=7, items=9, batch=5, epoch=10):
        draw = self.generator = np.random.default_rng(seed)
        self.users, self.items, self.sparse = users, items, list(sparse)
        self.history = []
        for user in range(users):
            count = 1 if user == users - 1 else int(draw.integers(2, 5))
            self.history.append(sorted(int(i) for i in draw.permutation(items - 1)[:count]))  # the last item stays cold
        self.features = {}
        for name, columns in (features or {}).items():
            x = draw.random((items, columns)) * 2 - 0.5
            self.features[name] = x * (draw.random((items, columns)) < 0.5) if name in self.sparse else x
        self.batches = []
        for n in range(10):
            who = [int(u) for u in draw.permutation(users)[:batch]]
            positives = [int(draw.choice(self.history[u])) for u in who]
            negatives = [int(draw.choice([i for i in range(items) if i not in self.history[u]])) for u in who]
            self.batches.append({"users": who, "positives": positives, "negatives": negatives, "step": n % epoch})

    def normal(self, *shape, deviation=0.3):
        """A parameter."""
        return self.generator.normal(size=shape) * deviation

    def interactions(self):
        """R: [users, items], 1 where a user interacted with an item."""
        r = np.zeros((self.users, self.items))
        for user, items in enumerate(self.history):
            r[user, items] = 1
        return r


def two_sided(r):
    """The graph of users and items, users first, of interactions R."""
    users, items = r.shape
    return np.block([[np.zeros((users, users)), r], [r.T, np.zeros((items, items))]])


def normalised(a):
    """D^(−1/2) A D^(−1/2) with row sums D; rows of isolated nodes are 0."""
    sums = a.sum(1)
    root = np.where(sums > 0, 1 / np.sqrt(np.where(sums > 0, sums, 1)), 0)
    return a * np.outer(root, root)


def average_of_layers(a, h, layers):
    """(H + A H + … + A^L H) / (L + 1)."""
    return sum(np.linalg.matrix_power(a, n) @ h for n in range(layers + 1)) / (layers + 1)


def directions(x):
    """Rows of length 1; rows of zeros stay."""
    length = np.sqrt((x * x).sum(1, keepdims=True))
    return x / np.maximum(length, 1e-12)


def neighbours(x, k):
    """Cosines of each row with itself and with the k − 1 most similar other rows whose cosine is above 0; 0 elsewhere."""
    cosine = directions(x) @ directions(x).T
    kept = np.zeros_like(cosine)
    for i, row in enumerate(cosine):
        others = sorted((j for j in range(len(x)) if j != i), key=lambda j: -row[j])[:k - 1]
        for j in [i, *others]:
            kept[i, j] = 1.0 if i == j else max(row[j], 0.0)
    return kept


def softplus(x):
    return np.logaddexp(0, x)


def sigmoid(x):
    return np.exp(-softplus(-x))


def bpr(users, positives, negatives):
    """Mean of −log σ(⟨u, p⟩ − ⟨u, n⟩)."""
    return softplus((users * negatives).sum(1) - (users * positives).sum(1)).mean()


def inner_scores(world, e, s):
    """⟨e_u, e_i⟩."""
    return e["users"] @ e["items"].T


def threefry(key, x, y):
    """Threefry-2x32 with 20 rounds (Salmon et al., SC 2011)."""
    word = 2**32 - 1
    keys = (key[0], key[1], key[0] ^ key[1] ^ 0x1BD11BDA)
    x, y = (x + keys[0]) & word, (y + keys[1]) & word
    for group in range(5):
        for turn in ((13, 15, 26, 6), (17, 29, 16, 24))[group % 2]:
            x = (x + y) & word
            y = ((y << turn | y >> (32 - turn)) & word) ^ x
        x, y = (x + keys[(group + 1) % 3]) & word, (y + keys[(group + 2) % 3] + group + 1) & word
    return x, y


def uniform(key, count):
    """Multiples of 2^−24 in [0, 1), as Giverny's generator draws them."""
    words = [word for n in range(count // 2 + 1) for word in threefry(key, 0, n)]
    return np.array([(word >> 8) / 2**24 for word in words[:count]])


def leaves(tree):
    """The arrays of a tree, in order."""
    if isinstance(tree, np.ndarray):
        return [tree]
    return [leaf for part in (tree.values() if isinstance(tree, dict) else tree) for leaf in leaves(part)]


def mapped(change, tree):
    """The tree of this shape with other leaves."""
    if isinstance(tree, np.ndarray):
        return change(tree)
    if isinstance(tree, dict):
        return {name: mapped(change, part) for name, part in tree.items()}
    return [mapped(change, part) for part in tree]


def rounded(tree):
    """The tree as nested lists, with twelve digits."""
    if isinstance(tree, np.ndarray):
        return rounded(tree.tolist())
    if isinstance(tree, dict):
        return {name: rounded(part) for name, part in tree.items()}
    return [rounded(part) for part in tree] if isinstance(tree, list) else float(f"{tree:.12g}")


def differences(f, p, width=1e-5):
    """The gradient of f at p: (f(p + h) − f(p − h)) / 2h for every number of p, which is changed in place and restored."""
    gradient = mapped(np.zeros_like, p)
    for x, g in zip(leaves(p), leaves(gradient)):
        for at in np.ndindex(x.shape):
            here = x[at]
            x[at] = here + width
            above = f()
            x[at] = here - width
            g[at] = (above - f()) / (2 * width)
            x[at] = here
    return gradient


def adam(p, gradient, memory, step, rate):
    """One step of Adam (Kingma and Ba, ICLR 2015) with its usual constants, in place."""
    for x, g, (m, v) in zip(leaves(p), leaves(gradient), memory):
        m += 0.1 * (g - m)
        v += 0.001 * (g * g - v)
        x -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)


def measure(world, case, encode, scores, loss, refresh, fixed):
    """What a model makes of a case: embeddings, scores, and, if it has parameters, loss, gradient and ten steps of Adam."""
    s, p = case["settings"], mapped(np.copy, case["params"])
    encoded = encode(world, p, s)
    done = {
        **case, "params": rounded(p), "encoded": rounded(encoded), "scores": rounded(scores(world, encoded, s)),
    }
    if not leaves(p):
        return done
    fresh, memory = None, [(np.zeros_like(x), np.zeros_like(x)) for x in leaves(p)]
    done["losses"] = []
    for n, batch in enumerate(world.batches):
        if refresh and batch["step"] == 0:
            fresh = refresh(world, p, s)
        held = [fixed(world, p, s)] if fixed else []

        def value():
            return loss(world, p, batch, s, fresh, *held)

        gradient = differences(value, p)
        if n == 0:
            done.update(loss=float(value()), gradient=rounded(gradient))
        done["losses"].append(float(value()))
        adam(p, gradient, memory, n + 1, case["lr"])
    return done


def write(model, world, cases, encode, scores, loss=None, refresh=None, fixed=None, name=None):
    """Writes the file beside the script that runs."""
    file = {
        "model": model,
        "users": world.users,
        "items": world.items,
        "history": world.history,
        "features": {modality: rounded(x) for modality, x in world.features.items()},
        "sparse": world.sparse,
        "batches": world.batches,
        "cases": [measure(world, case, encode, scores, loss, refresh, fixed) for case in cases],
    }
    path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), f"{name or model}.json")
    with open(path, "w") as out:
        json.dump(file, out, separators=(",", ":"))
        out.write("\n")
