"""Golden numbers for MONET (Kim et al., WSDM 2024): its equations, its variants, and one and three modalities."""
import torch
from world import World, batch_l2, bpr, graph, mean_of_layers, symmetric, unit_rows, write


def spread(world, h, propagation, s):
    a = graph(world.interactions())
    if propagation == "lightgcn":
        return mean_of_layers(symmetric(a), h, s["layers"])
    identity = torch.eye(len(a))
    one = symmetric(a) + s["alpha"] * identity if propagation == "megcn" else symmetric(a + identity)  # (3), footnote 9
    for _ in range(s["layers"]):
        h = one @ h
    return h


def fuse(parts, p, s):
    if s["fusion"] == "concat":
        return torch.cat(parts, 1)
    if s["fusion"] == "sum":
        return sum(parts)
    if s["fusion"] == "weighted":
        return sum(w * part for w, part in zip(torch.softmax(p["fusion"]["weights"], 0), parts))
    return torch.cat(parts, 1) @ p["fusion"]["W"].T + p["fusion"]["b"]


def encode(world, p, s):
    parts = []
    for name, m in p["modalities"].items():
        z = m.get("X", world.features[name]) @ m["W"].T + m["b"]  # (2)
        z = unit_rows(z) if s["normalize"] else z
        parts.append(spread(world, torch.cat([m["P"], z]), s["propagation"], s))
    if s["cf"] != "none":
        parts.append(spread(world, torch.cat([p["cf"]["users"], p["cf"]["items"]]), s["cf"], s))
    e = fuse(parts, p, s)
    return {"users": e[:world.users], "items": e[world.users:]}


def score(world, e, user, item, s):
    target = e["items"][item]
    own = [i for i in world.history[user] if not (s["excludeTarget"] and i == item)]
    aware = torch.zeros(())
    if own:
        a = torch.softmax(e["items"][own] @ target, 0)  # (4)
        aware = (a[:, None] * e["items"][own]).sum(0) @ target  # (5)
    return (1 - s["beta"]) * e["users"][user] @ target + s["beta"] * aware  # (6)


def scores(world, e, s):
    return torch.stack([torch.stack([score(world, e, u, i, s) for i in range(world.items)]) for u in range(world.users)])


def loss(world, p, batch, s, fresh):
    e = encode(world, p, s)
    every = scores(world, e, s)
    users, positives, negatives = batch["users"], batch["positives"], batch["negatives"]
    ranked = bpr(every[users, positives], every[users, negatives])
    if s["regularize"] == "parameters":
        def squares(tree):
            return sum(map(squares, tree.values())) if isinstance(tree, dict) else (tree * tree).sum()
        return ranked + s["l2"] * squares(p)
    return ranked + s["l2"] * batch_l2(e["users"][users], e["items"][positives], e["items"][negatives])  # (7)


USUAL = {"dim": 3, "layers": 2, "alpha": 1.0, "beta": 0.3, "l2": 0.1, "propagation": "megcn", "fusion": "concat", "cf": "none",
         "normalize": True, "regularize": "final", "excludeTarget": False, "freeze": True}


def case(world, **change):
    s = {**USUAL, **change}
    parts = len(world.features) + (s["cf"] != "none")
    p = {"modalities": {}}
    for name, x in world.features.items():
        m = {"P": world.normal(world.users, 3), "W": world.normal(3, x.shape[1]), "b": world.normal(3)}
        if not s["freeze"] and name not in world.sparse:
            m["X"] = x.clone()
        p["modalities"][name] = m
    if s["cf"] != "none":
        p["cf"] = {"users": world.normal(world.users, 3), "items": world.normal(world.items, 3)}
    if s["fusion"] == "weighted":
        p["fusion"] = {"weights": world.normal(parts)}
    if s["fusion"] == "fc":
        p["fusion"] = {"W": world.normal(3, 3 * parts, deviation=0.6), "b": world.normal(3)}
    return {"settings": s, "params": p, "lr": 0.01}


two = World(seed=13, features={"image": 6, "text": 4})
equations = [
    {},
    {"alpha": 0.5, "beta": 0.5, "layers": 3, "excludeTarget": True, "l2": 0.0},
    {"alpha": 0.0, "beta": 0.0, "layers": 1, "normalize": False},
    {"alpha": 2.0, "beta": 1.0},
]
write("monet", two, [case(two, **change) for change in equations], encode, scores, loss)
variants = [
    {"propagation": "lightgcn"},  # without MeGCN, as the paper says
    {"layers": 0},  # and as the released code does
    {"propagation": "normalized", "alpha": 0.7},
    {"beta": 0.0},
    {"fusion": "sum"},
    {"fusion": "weighted"},
    {"fusion": "fc"},
    {"cf": "lightgcn"},
    {"cf": "megcn", "fusion": "sum", "alpha": 1.5},
    {"cf": "megcn", "fusion": "weighted", "propagation": "lightgcn"},
    {"cf": "lightgcn", "fusion": "fc", "excludeTarget": True, "beta": 0.6},
    {"regularize": "parameters", "cf": "lightgcn", "fusion": "fc", "l2": 0.01},
]
write("monet", two, [case(two, **change) for change in variants], encode, scores, loss, name="monet_variants")
three = World(seed=14, features={"image": 6, "text": 4, "tags": 5}, sparse=["tags"])
write("monet", three, [case(three), case(three, fusion="weighted", freeze=False)], encode, scores, loss, name="monet_three")
one = World(seed=15, features={"tags": 5}, sparse=["tags"])
write("monet", one, [case(one), case(one, fusion="fc", normalize=False)], encode, scores, loss, name="monet_one")
