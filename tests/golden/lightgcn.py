"""Golden numbers for LightGCN (He et al., SIGIR 2020)."""
import torch
from world import World, batch_l2, batch_norms, bpr, dot_scores, graph, mean_of_layers, rows_of, symmetric, write


def encode(world, p, s):
    e = mean_of_layers(symmetric(graph(world.interactions())), torch.cat([p["users"], p["items"]]), s["layers"])  # (7, 8)
    return {"users": e[:world.users], "items": e[world.users:]}


def loss(world, p, batch, s, fresh):
    e = encode(world, p, s)
    users, positives, negatives = rows_of(e["users"], e["items"], batch)
    ranked = bpr((users * positives).sum(1), (users * negatives).sum(1))
    weighed = e if s["regularize"] == "final" else p
    penalty = {"squared": batch_l2, "unsquared": batch_norms}[s["norm"]]
    return ranked + s["l2"] * penalty(*rows_of(weighed["users"], weighed["items"], batch))  # (15)


world = World(seed=11)
params = {"users": world.normal(world.users, 3), "items": world.normal(world.items, 3)}
cases = [
    {"settings": {"dim": 3, **settings}, "params": params, "lr": 0.01}
    for settings in (
        {"layers": 3, "l2": 0.1, "regularize": "initial", "norm": "squared"},
        {"layers": 0, "l2": 0.0, "regularize": "initial", "norm": "squared"},
        {"layers": 2, "l2": 0.1, "regularize": "final", "norm": "squared"},
        {"layers": 1, "l2": 0.1, "regularize": "initial", "norm": "unsquared"},
    )
]
write("lightgcn", world, cases, encode, dot_scores, loss)
