"""Golden numbers for GRCN (Wei et al., MM 2020)."""
import torch
from torch.nn.functional import leaky_relu
from world import World, bpr, dot_scores, graph, unit_rows, write


def masked_softmax(logits, mask):
    """Softmax over the places of each row where the mask is 1; 0 elsewhere, and in rows without any."""
    weights = torch.where(mask > 0, logits, torch.full_like(logits, -1e9))
    weights = torch.exp(weights - weights.max(1, keepdim=True).values) * mask
    return weights / weights.sum(1, keepdim=True).clamp(min=1e-300)


def encode(world, p, s):
    r = world.interactions()
    a = graph(r)
    affinities, content = [], []
    for name, q in p["modalities"].items():
        features = unit_rows(leaky_relu(world.features[name] @ q["W"].T + q["b"]))  # (1)
        users = unit_rows(q["P"])
        for _ in range(s["routings"]):
            gathered = masked_softmax(users @ features.T, r) @ features if s["routing"] == "paper" else 0
            users = unit_rows(users + gathered)  # (2)
        x = torch.cat([users, features])
        alpha = masked_softmax(x @ x.T, a)  # (3)
        affinities.append(alpha)
        content.append(x + alpha @ x)  # (4)
    alphas = torch.stack(affinities)
    if s["weights"] == "confidence":
        weights = (alphas * p["C"].T[:, None, :]).max(0).values  # (5): by the node that a message comes from
    else:
        weights = alphas.max(0).values if s["weights"] == "max" else alphas.mean(0)
    if s["pruning"] == "hard":
        weights = weights.clamp(min=0)
    weights = weights * a
    layer = unit_rows(p["ID"])
    ids = layer
    for _ in range(s["layers"]):
        layer = weights @ layer
        ids = ids + layer  # (6)
    e = torch.cat([ids, *content], 1)  # (7)
    return {"users": e[:world.users], "items": e[world.users:]}


def loss(world, p, batch, s, fresh):
    e = encode(world, p, s)
    who = batch["users"] + batch["users"]
    what = batch["positives"] + batch["negatives"]
    y = (e["users"][who] * e["items"][what]).sum(1)
    b = len(batch["users"])
    weighed = (p["ID"][who] ** 2 + p["ID"][[world.users + i for i in what]] ** 2).mean()
    weighed = weighed + sum((q["P"][who] ** 2).mean() for q in p["modalities"].values())
    return bpr(y[:b], y[b:]) + s["l2"] * weighed  # (9)


DIM = 3


def cases_of(world, variants):
    params = {"ID": world.normal(world.users + world.items, DIM)}
    confidence = world.normal(world.users + world.items, len(world.features), deviation=1)
    params["C"] = confidence
    params["modalities"] = {
        name: {"P": world.normal(world.users, DIM), "W": world.normal(DIM, x.shape[1], deviation=0.7),
               "b": world.normal(DIM)}
        for name, x in world.features.items()}
    without = {name: part for name, part in params.items() if name != "C"}
    settings = [{"dim": DIM, "routing": "paper", "routings": 3, "weights": "confidence", "pruning": "soft", "layers": 2,
                 "l2": 0.1, **variant} for variant in variants]
    return [{"settings": s, "params": params if s["weights"] == "confidence" else without, "lr": 0.01} for s in settings]


world = World(seed=31, features={"image": 6, "text": 4})
variants = [{}, {"routing": "code"}, {"pruning": "hard"}, {"weights": "max", "routings": 1, "l2": 0.0},
            {"weights": "mean", "layers": 1}, {"routings": 0, "layers": 0}]
write("grcn", world, cases_of(world, variants), encode, dot_scores, loss)

world = World(seed=32, features={"image": 6, "text": 4, "tags": 8}, sparse=["tags"])
write("grcn", world, cases_of(world, [{}, {"pruning": "hard"}]), encode, dot_scores, loss, name="grcn_three")

world = World(seed=33, features={"tags": 7}, sparse=["tags"])
write("grcn", world, cases_of(world, [{}, {"weights": "mean"}]), encode, dot_scores, loss, name="grcn_one")
