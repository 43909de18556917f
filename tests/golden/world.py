"""What the golden scripts share: a small world, the plain formulas that several models use, and the file that a model's case
becomes. Everything is in 64-bit floats and dense, written from the papers' equations; nothing here follows Giverny's code.

A script makes a world, describes its model in three functions and writes a file beside itself:

    from world import World, write
    world = World(seed=3, features={"image": 6, "text": 4})
    write("lightgcn", world, cases, encode, scores, loss)

where `cases` are dictionaries `{"settings": …, "params": …, "lr": …}`, and with `s` for a case's settings and `p` for its
parameters, nested dictionaries and lists of tensors named as the model names them,

    encode(world, p, s)                  the tree of tensors that ranking uses, named as the model's `encode` names it
    scores(world, e, s)                  [users, items] scores of such a tree
    loss(world, p, batch, s, fresh)      a scalar
    refresh(world, p, s)                 what stays for an epoch (optional); None otherwise
    constrain(p, s)                      changes parameters in place after a step (optional)

Run with Debian's python3-torch (1.13): python3 tests/golden/lightgcn.py
"""
import json
import os
import sys

import torch

torch.set_default_dtype(torch.float64)


class World:
    """Seven users, one of them with one item, and nine items, one of them without users. Batches of different users."""

    def __init__(self, seed, features=None, sparse=(), users=7, items=9, batch=5, epoch=10):
        self.generator = torch.Generator().manual_seed(seed)
        self.users, self.items, self.sparse = users, items, list(sparse)
        self.history = []
        for user in range(users):
            count = 1 if user == users - 1 else 2 + self.integer(3)
            self.history.append(sorted(self.shuffled(items - 1)[:count]))  # the last item stays cold
        self.features = {}
        for name, columns in (features or {}).items():
            x = torch.rand(items, columns, generator=self.generator) * 2 - 0.5
            if name in self.sparse:
                x = x * (torch.rand(items, columns, generator=self.generator) < 0.5)
            self.features[name] = x
        self.batches = []
        for n in range(10):
            who = self.shuffled(users)[:batch]
            positives = [self.history[u][self.integer(len(self.history[u]))] for u in who]
            negatives = []
            for u in who:
                others = [i for i in range(items) if i not in self.history[u]]
                negatives.append(others[self.integer(len(others))])
            self.batches.append({"users": who, "positives": positives, "negatives": negatives, "step": n % epoch})

    def integer(self, bound):
        return int(torch.randint(0, bound, (1,), generator=self.generator))

    def shuffled(self, count):
        return torch.randperm(count, generator=self.generator).tolist()

    def normal(self, *shape, deviation=0.3):
        """A parameter."""
        return torch.randn(*shape, generator=self.generator) * deviation

    def interactions(self):
        """R: [users, items], 1 where a user interacted with an item."""
        r = torch.zeros(self.users, self.items)
        for user, items in enumerate(self.history):
            r[user, items] = 1
        return r


def graph(r):
    """A: the interaction graph of R, users first."""
    users, items = r.shape
    a = torch.zeros(users + items, users + items)
    a[:users, users:] = r
    a[users:, :users] = r.T
    return a


def symmetric(a):
    """D^(−1/2) A D^(−1/2) with row sums D; rows of isolated nodes are 0."""
    root = a.sum(1).clamp(min=1e-300).rsqrt() * (a.sum(1) > 0)
    return root[:, None] * a * root[None, :]


def mean_of_layers(a, h, layers):
    """(H + A H + … + A^L H) / (L + 1)."""
    total = h
    for _ in range(layers):
        h = a @ h
        total = total + h
    return total / (layers + 1)


def unit_rows(x):
    """Rows divided by their length, or by 1e-12 if they are shorter."""
    return x / x.norm(dim=1, keepdim=True).clamp(min=1e-12)


def bpr(positive, negative):
    """Mean of −log σ(positive − negative)."""
    return -torch.nn.functional.logsigmoid(positive - negative).mean()


def rows_of(users, items, batch):
    """The rows of a batch: of users, positives and negatives."""
    return users[batch["users"]], items[batch["positives"]], items[batch["negatives"]]


def batch_l2(*rows):
    """½ Σ‖x‖² / B."""
    return 0.5 * sum((x * x).sum() for x in rows) / len(rows[0])


def batch_norms(*rows):
    """Σ ‖X‖_F / B, not squared."""
    return sum((x * x).sum().sqrt() for x in rows) / len(rows[0])


def dot_scores(world, e, settings):
    """⟨e_u, e_i⟩."""
    return e["users"] @ e["items"].T


def leaves(tree):
    """The tensors of a tree, in order."""
    if isinstance(tree, torch.Tensor):
        return [tree]
    parts = tree.values() if isinstance(tree, dict) else tree
    return [leaf for part in parts for leaf in leaves(part)]


def like(tree, values):
    """The tree of this shape with other leaves, taken from an iterator."""
    if isinstance(tree, torch.Tensor):
        return next(values)
    if isinstance(tree, dict):
        return {name: like(part, values) for name, part in tree.items()}
    return [like(part, values) for part in tree]


def numbers(tree):
    """The tree as nested lists, with twelve digits."""
    if isinstance(tree, torch.Tensor):
        return numbers(tree.tolist())
    if isinstance(tree, dict):
        return {name: numbers(part) for name, part in tree.items()}
    if isinstance(tree, list):
        return [numbers(part) for part in tree]
    return float(f"{tree:.12g}")


def measure(world, case, encode, scores, loss, refresh, constrain):
    """What a model makes of a case: embeddings, scores, and, if it has parameters, loss, gradient and ten steps of Adam."""
    settings = case["settings"]
    p = like(case["params"], iter([x.clone().requires_grad_() for x in leaves(case["params"])]))
    with torch.no_grad():
        encoded = encode(world, p, settings)
        done = {**case, "encoded": numbers(encoded), "scores": numbers(scores(world, encoded, settings))}
    done["params"] = numbers(case["params"])
    if not leaves(p):
        return done

    fresh = None

    def objective(batch):
        nonlocal fresh
        if refresh and batch["step"] == 0:
            with torch.no_grad():
                fresh = refresh(world, p, settings)
        return loss(world, p, batch, settings, fresh)

    value = objective(world.batches[0])
    gradient = torch.autograd.grad(value, leaves(p), allow_unused=True)
    gradient = [torch.zeros_like(x) if g is None else g for x, g in zip(leaves(p), gradient)]
    done.update(loss=float(value), gradient=numbers(like(p, iter(gradient))))

    optimizer = torch.optim.Adam(leaves(p), lr=case["lr"])
    losses = []
    for batch in world.batches:
        for x in leaves(p):
            x.grad = torch.zeros_like(x)  # so that every element moves at every step
        value = objective(batch)
        value.backward()
        optimizer.step()
        if constrain:
            with torch.no_grad():
                constrain(p, settings)
        losses.append(float(value))
    done["losses"] = losses
    return done


def write(model, world, cases, encode, scores, loss, refresh=None, constrain=None, name=None):
    """Writes the file beside the script that runs."""
    file = {
        "model": model,
        "users": world.users,
        "items": world.items,
        "history": world.history,
        "features": {name: numbers(x) for name, x in world.features.items()},
        "sparse": world.sparse,
        "batches": world.batches,
        "cases": [measure(world, case, encode, scores, loss, refresh, constrain) for case in cases],
    }
    path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), f"{name or model}.json")
    with open(path, "w") as out:
        json.dump(file, out, separators=(",", ":"))
        out.write("\n")
