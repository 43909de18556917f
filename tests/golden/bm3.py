"""Golden numbers for BM3 (Zhou et al., WWW 2023). Targets have no gradient: they are computed once for the differences."""
import numpy as np
from numeric import World, average_of_layers, directions, inner_scores, normalised, two_sided, write


def layer(p, x):
    return x @ p["W"].T + p["b"]


def embeddings(world, p, s):
    graph = normalised(two_sided(world.interactions()))
    nodes = average_of_layers(graph, np.concatenate([p["users"], p["items"]]), s["layers"])
    projected = {m: layer(part, part.get("X", world.features[m])) for m, part in p["modalities"].items()}
    return nodes[:world.users], nodes[world.users:] + p["items"], projected


def encode(world, p, s):
    users, items, _ = embeddings(world, p, s)
    return {"users": layer(p["predictor"], users), "items": layer(p["predictor"], items)}


def loss(world, p, batch, s, fresh, targets):
    users, items, projected = embeddings(world, p, s)
    to_users, to_items, to_projected = targets
    who, which = batch["users"], batch["positives"]

    def apart(online, target):
        predicted = directions(layer(p["predictor"], online))
        return (1 - (predicted * directions(target)).sum(1)).mean()

    value = apart(users[who], to_items[which]) + apart(items[which], to_users[who])
    for m, x in projected.items():
        value += s["align"] * (apart(x[which], to_items[which]) + apart(x[which], to_projected[m][which]))
    return value + s["l2"] * (np.linalg.norm(users) + np.linalg.norm(items)) / world.items


def params(world, dim, trained=()):
    def linear(inputs):
        return {"W": world.normal(dim, inputs), "b": world.normal(dim)}

    return {
        "users": world.normal(world.users, dim),
        "items": world.normal(world.items, dim),
        "predictor": linear(dim),
        "modalities": {
            m: {**linear(x.shape[1]), **({"X": x.copy()} if m in trained else {})} for m, x in world.features.items()
        },
    }


usual = {"dim": 4, "layers": 1, "rate": 0.0, "align": 2.0, "l2": 0.1, "freeze": True}


def cases(world, *changes):
    dense = [m for m in world.features if m not in world.sparse]
    return [
        {
            "settings": {**usual, **change},
            "params": params(world, 4, [] if change.get("freeze", True) else dense),
            "lr": 0.01,
        }
        for change in changes
    ]


two = World(seed=61, features={"image": 6, "text": 4})
write("bm3", two, cases(two, {}, {"layers": 2, "l2": 1.0}, {"align": 0.5, "layers": 0}, {"freeze": False}), encode,
      inner_scores, loss, fixed=embeddings)
three = World(seed=62, features={"audio": 5, "text": 4, "tags": 8}, sparse=["tags"])
write("bm3", three, cases(three, {}, {"freeze": False, "l2": 0.0}), encode, inner_scores, loss, fixed=embeddings,
      name="bm3_three")
