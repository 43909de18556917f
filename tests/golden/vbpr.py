"""Golden numbers for VBPR (He and McAuley, AAAI 2016), with the paper's biases and with MMRec's."""
import torch
from world import World, batch_l2, batch_norms, bpr, dot_scores, rows_of, write


def visual(world, weights):
    return sum(world.features[m] @ w.T for m, w in weights.items())  # (3)


def encode(world, p, s):
    if s["biases"] == "projection":
        return {"users": p["users"], "items": torch.cat([p["items"], visual(world, p["E"]) + p["b"]], 1)}
    bias = p["beta"] + visual(world, p["B"])
    return {
        "users": torch.cat([p["users"], torch.ones(world.users, 1)], 1),
        "items": torch.cat([p["items"], visual(world, p["E"]), bias], 1),
    }


def score(world, p, u, i, s):
    """(4), term by term."""
    d = s["dim"]
    f = {m: x[i] for m, x in world.features.items()}
    ef = sum(p["E"][m] @ f[m] for m in f)
    gamma, theta = p["users"][u, :d], p["users"][u, d:]
    if s["biases"] == "projection":
        return gamma @ p["items"][i] + theta @ (ef + p["b"])
    return gamma @ p["items"][i] + theta @ ef + p["beta"][i, 0] + sum(p["B"][m][0] @ f[m] for m in f)


def loss(world, p, batch, s, fresh):
    def scored(items):
        return torch.stack([score(world, p, u, i, s) for u, i in zip(batch["users"], items)])

    value = bpr(scored(batch["positives"]), scored(batch["negatives"]))
    weighed = encode(world, p, s)
    if s["biases"] == "items":
        weighed = {"users": p["users"], "items": torch.cat([p["items"], p["beta"]], 1)}
    penalty = {"squared": batch_l2, "unsquared": batch_norms}[s["norm"]]
    value = value + s["l2"] * penalty(*rows_of(weighed["users"], weighed["items"], batch))
    whole = [*p["E"].values(), *p.get("B", {}).values()]
    return value + s["l2Projection"] * 0.5 * sum((w * w).sum() for w in whole)


def params(world, d, biases):
    def each(rows):
        return {m: world.normal(rows, x.shape[1]) for m, x in world.features.items()}

    tables = {"users": world.normal(world.users, 2 * d), "items": world.normal(world.items, d), "E": each(d)}
    if biases == "projection":
        return {**tables, "b": world.normal(d)}
    return {**tables, "beta": world.normal(world.items, 1), "B": each(1)}


def cases(world):
    return [
        {
            "settings": {"dim": 3, "biases": biases, "l2": 0.1, "l2Projection": more, "norm": norm},
            "params": params(world, 3, biases),
            "lr": 0.01,
        }
        for biases, norm, more in (("projection", "unsquared", 0.0), ("items", "squared", 0.02), ("projection", "squared", 0.1))
    ]


three = World(seed=14, features={"image": 6, "text": 4, "tags": 5}, sparse=["tags"])
write("vbpr", three, cases(three), encode, dot_scores, loss)
one = World(seed=15, features={"tags": 5}, sparse=["tags"])
write("vbpr", one, cases(one), encode, dot_scores, loss, name="vbpr_one")
