"""Golden numbers for MGCN (Yu et al., MM 2023)."""
import numpy as np
from numeric import (
    World, average_of_layers, bpr, directions, inner_scores, neighbours, normalised, sigmoid, two_sided, write,
)


def layer(p, x):
    return x @ p["W"].T + p["b"]


def views(world, p, s):
    """The user-item view, and the fused features of the item-item views."""
    graph = normalised(two_sided(world.interactions()))
    behaviour = average_of_layers(graph, np.concatenate([p["users"], p["items"]]), s["layers"])
    from_items = graph[:world.users, world.users:]
    features = []
    for m, part in p["modalities"].items():
        pure = p["items"] * sigmoid(layer(part["gate"], layer(part["project"], part.get("X", world.features[m]))))
        similar = normalised(neighbours(world.features[m], s["neighbours"]))
        enriched = np.linalg.matrix_power(similar, s["itemLayers"]) @ pure
        features.append(np.concatenate([from_items @ enriched, enriched]))
    logits = np.stack([(np.tanh(layer(p["query"], f)) @ p["query"]["w"].T)[:, 0] for f in features])
    shares = np.exp(logits) / np.exp(logits).sum(0)
    common = np.einsum("mn,mnd->nd", shares, np.stack(features))
    own = [sigmoid(layer(part["behaviour"], behaviour)) * (f - common)
           for part, f in zip(p["modalities"].values(), features)]
    return behaviour, (common + sum(own)) / (len(own) + 1)


def encode(world, p, s):
    e = sum(views(world, p, s))
    return {"users": e[:world.users], "items": e[world.users:]}


def contrast(a, b, temperature):
    similar = directions(a) @ directions(b).T / temperature
    return (np.log(np.exp(similar).sum(1)) - np.diag(similar)).mean()


def loss(world, p, batch, s, fresh):
    behaviour, fused = views(world, p, s)
    e = behaviour + fused
    who, which, others = (np.array(batch[part]) for part in ("users", "positives", "negatives"))
    rows = e[who], e[world.users + which], e[world.users + others]
    value = bpr(*rows) + s["l2"] / 2 * sum((x * x).sum() for x in rows) / len(who)
    for nodes in (who, world.users + which):
        value += s["contrast"] * contrast(fused[nodes], behaviour[nodes], s["temperature"])
    return value


def params(world, dim, trained=()):
    def linear(inputs):
        return {"W": world.normal(dim, inputs), "b": world.normal(dim)}

    return {
        "users": world.normal(world.users, dim),
        "items": world.normal(world.items, dim),
        "query": {**linear(dim), "w": world.normal(1, dim)},
        "modalities": {
            m: {
                "project": linear(x.shape[1]), "gate": linear(dim), "behaviour": linear(dim),
                **({"X": x.copy()} if m in trained else {}),
            }
            for m, x in world.features.items()
        },
    }


usual = {
    "dim": 4, "neighbours": 4, "layers": 2, "itemLayers": 1, "contrast": 0.3, "temperature": 0.4, "l2": 0.1, "freeze": True,
}


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


two = World(seed=71, features={"image": 6, "text": 4})
write("mgcn", two, cases(two, {}, {"contrast": 0.0, "layers": 3}, {"freeze": False}, {"itemLayers": 2, "layers": 0}), encode,
      inner_scores, loss)
three = World(seed=72, features={"audio": 5, "text": 4, "tags": 8}, sparse=["tags"])
write("mgcn", three, cases(three, {"freeze": False, "neighbours": 3}), encode, inner_scores, loss, name="mgcn_three")
one = World(seed=73, features={"tags": 7}, sparse=["tags"])
write("mgcn", one, cases(one, {}), encode, inner_scores, loss, name="mgcn_one")
