"""Golden numbers for MARIO (Kim et al., CIKM 2022), in every variant."""
import torch
from world import World, batch_l2, bpr, graph, mean_of_layers, symmetric, unit_rows, write


def leaky(x):
    return torch.where(x > 0, x, 0.2 * x)


def interactions(world, p, s):
    """(1) u and what interactions say of items."""
    h = torch.cat([p["users"], p["items"]])
    if s["encoder"] == "lightgcn":
        h = mean_of_layers(symmetric(graph(world.interactions())), h, s["layers"])
    if s["encoder"] == "ngcf":
        a = graph(world.interactions()) + torch.eye(len(h))
        walk, layers = a / a.sum(1, keepdim=True), [h]
        for layer in p["encoder"]["layers"]:
            m = walk @ h
            h = leaky(m @ layer["W1"].T + layer["b1"]) + leaky((h * m) @ layer["W2"].T + layer["b2"])
            layers.append(unit_rows(h))
        h = torch.cat(layers, 1)
    return h[:world.users], h[world.users:]


def content(x, part):
    """(2) Rows of features in a modality."""
    return x @ part["W"].T + part["b"]


def modalities(world, p, s):
    """(1, 2) u and the items' tables, which fusion may make one of."""
    u, v = interactions(world, p, s)
    tables = [v] + [content(world.features[m], part) for m, part in p["modalities"].items()]
    if s["fusion"] == "attention":
        return u, tables
    stacked = torch.stack(tables)
    fused = {
        "mean": lambda: stacked.mean(0),
        "max": lambda: stacked.max(0).values,
        "fc": lambda: torch.cat(tables, 1) @ p["fusion"]["W"].T + p["fusion"]["b"],
    }[s["fusion"]]
    return u, [fused()]


def score(u, tables, item, p, s):
    """(3, 4) of one user and one item."""
    v = torch.stack([table[item] for table in tables])
    if s["fusion"] != "attention":
        return u @ v[0]
    f = {
        "dot": lambda: v @ u,
        "scaled": lambda: v @ u / len(u) ** 0.5,
        "additive": lambda: torch.tanh(torch.cat([u.expand(len(v), -1), v], 1) @ p["W"].T) @ p["w"][0],
    }[s["attention"]]()
    return u @ (torch.softmax(f, 0)[:, None] * v).sum(0)


def encode(world, p, s):
    u, tables = modalities(world, p, s)
    return {"users": u, "items": torch.cat(tables), **({"attention": p["attention"]} if "attention" in p else {})}


def scores(world, e, s):
    tables = e["items"].split(world.items)
    return torch.stack([
        torch.stack([score(u, tables, i, e.get("attention"), s) for i in range(world.items)]) for u in e["users"]
    ])


def loss(world, p, batch, s, fresh):
    u, tables = modalities(world, p, s)
    every = scores(world, {"users": u, "items": torch.cat(tables), "attention": p.get("attention")}, s)
    users, positives, negatives = batch["users"], batch["positives"], batch["negatives"]
    touched = positives + negatives
    kept = torch.zeros(())
    for m, part in p["modalities"].items():  # (5)
        x = world.features[m][touched]
        v = content(x, part)
        kept = kept + (v @ part["D"].T + part["c"] - x).abs().mean()
    norms = batch_l2(u[users], *[table[touched] for table in tables])
    return bpr(every[users, positives], every[users, negatives]) + s["mu"] * kept + s["l2"] * norms  # (6)


USUAL = {"dim": 3, "encoder": "bprmf", "layers": 2, "dropout": 0, "attention": "dot", "fusion": "attention", "mu": 0.3, "l2": 0.1, "without": ""}


def case(world, **change):
    s = {**USUAL, **change}
    left = {m: x.shape[1] for m, x in world.features.items() if m not in s["without"].split(",")}
    wide = 3 * (1 + s["layers"]) if s["encoder"] == "ngcf" else 3
    p = {
        "users": world.normal(world.users, 3, deviation=0.6),
        "items": world.normal(world.items, 3, deviation=0.6),
        "modalities": {
            m: {"W": world.normal(wide, n), "b": world.normal(wide), "D": world.normal(n, wide), "c": world.normal(n)}
            for m, n in left.items()
        },
    }
    if s["encoder"] == "ngcf":
        square = {"W1": (3, 3), "W2": (3, 3), "b1": (3,), "b2": (3,)}
        p["encoder"] = {"layers": [
            {name: world.normal(*shape, deviation=0.6) for name, shape in square.items()} for _ in range(s["layers"])
        ]}
    if s["fusion"] == "attention" and s["attention"] == "additive":
        p["attention"] = {"W": world.normal(wide, 2 * wide, deviation=0.8), "w": world.normal(1, wide, deviation=0.8)}
    if s["fusion"] == "fc":
        p["fusion"] = {"W": world.normal(wide, wide * (1 + len(left)), deviation=0.6), "b": world.normal(wide)}
    return {"settings": s, "params": p, "lr": 0.01}


two = World(seed=21, features={"image": 6, "text": 4})
variants = [
    {},
    {"encoder": "lightgcn"},
    {"encoder": "ngcf"},
    {"encoder": "ngcf", "attention": "additive", "layers": 1},
    {"encoder": "ngcf", "fusion": "fc", "layers": 1},
    {"attention": "scaled"},
    {"attention": "additive"},
    {"attention": "additive", "encoder": "lightgcn", "layers": 1},
    {"fusion": "mean"},
    {"fusion": "max", "attention": "additive"},
    {"fusion": "fc"},
    {"fusion": "fc", "encoder": "lightgcn"},
    {"without": "image"},
    {"without": "text", "attention": "additive"},
    {"mu": 0.0, "l2": 0.0},
]
write("mario", two, [case(two, **change) for change in variants], encode, scores, loss)
three = World(seed=22, features={"image": 6, "text": 4, "tags": 5}, sparse=["tags"])
write("mario", three, [case(three), case(three, without="image,text"), case(three, attention="additive")],
      encode, scores, loss, name="mario_three")
one = World(seed=23, features={"tags": 5}, sparse=["tags"])
write("mario", one, [case(one), case(one, fusion="max")], encode, scores, loss, name="mario_one")
