"""Golden numbers for NGCF (Wang et al., SIGIR 2019), of the paper's layers and of its code's."""
import torch
from world import World, batch_l2, bpr, dot_scores, graph, rows_of, symmetric, unit_rows, write


def walk(a):
    """(D + I)^(−1) (A + I)."""
    b = a + torch.eye(len(a))
    return b / b.sum(1, keepdim=True)


def lrelu(x):
    return torch.where(x > 0, x, 0.2 * x)


def layer(l, e, w, s):
    m = l @ e
    if s["layer"] == "paper":  # (7)
        return lrelu((l + torch.eye(len(l))) @ e @ w["W1"].T + (m * e) @ w["W2"].T)
    return lrelu(m @ w["W1"].T + w["b1"]) + lrelu((e * m) @ w["W2"].T + w["b2"])


def encode(world, p, s):
    l = {"walk": walk, "symmetric": symmetric}[s["adjacency"]](graph(world.interactions()))
    e = torch.cat([p["users"], p["items"]])
    layers = [e]
    for w in p["layers"]:
        e = layer(l, e, w, s)
        layers.append(unit_rows(e) if s["normalize"] else e)
    whole = torch.cat(layers, 1) if s["combine"] == "concat" else sum(layers) / len(layers)  # (9)
    return {"users": whole[:world.users], "items": whole[world.users:]}


def loss(world, p, batch, s, fresh):
    e = encode(world, p, s)
    users, positives, negatives = rows = rows_of(e["users"], e["items"], batch)
    ranked = bpr((users * positives).sum(1), (users * negatives).sum(1))
    return ranked + s["l2"] * batch_l2(*rows)  # (11)


world = World(seed=13)


def params(layers, biases):
    def weights():
        w = {"W1": world.normal(3, 3, deviation=0.6), "W2": world.normal(3, 3, deviation=0.6)}
        return {**w, "b1": world.normal(3), "b2": world.normal(3)} if biases else w

    return {
        "users": world.normal(world.users, 3),
        "items": world.normal(world.items, 3),
        "layers": [weights() for _ in range(layers)],
    }


code = {"layer": "code", "adjacency": "walk", "normalize": True, "combine": "concat"}
cases = [
    {
        "settings": {"dim": 3, "dropout": 0.0, "layers": layers, "l2": l2, **changes},
        "params": params(layers, changes["layer"] == "code"),
        "lr": 0.01,
    }
    for layers, l2, changes in (
        (3, 0.1, code),
        (1, 0.0, code),
        (2, 0.1, {**code, "layer": "paper", "adjacency": "symmetric", "normalize": False}),
        (2, 0.1, {**code, "adjacency": "symmetric"}),
        (2, 0.1, {**code, "layer": "paper", "combine": "mean"}),
        (0, 0.1, code),
    )
]
write("ngcf", world, cases, encode, dot_scores, loss)
