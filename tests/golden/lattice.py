"""Golden numbers for LATTICE (Zhang et al., MM 2021): graphs of nearest neighbours as dense matrices, the learned one with a
gradient in the first step of an epoch."""
import torch
from neighbours import nearest, similarities
from world import World, batch_l2, bpr, dot_scores, graph, mean_of_layers, rows_of, symmetric, unit_rows, write


def walk(a):
    a = a + torch.eye(len(a))
    return a / a.sum(1, keepdim=True)


def leaky(x):
    return torch.nn.functional.leaky_relu(x, 0.2)


def project(world, p, m):
    part = p["modalities"][m]
    return part.get("X", world.features[m]) @ part["W"].T + part["b"]  # (4)


def item_graph(world, p, s, near):
    weights = torch.softmax(p["weights"], 0)
    modalities = list(world.features)
    original = sum(
        w * symmetric(similarities(world.features[m], nearest(world.features[m], s["neighbours"])))
        for w, m in zip(weights, modalities)
    )
    learned = [similarities(project(world, p, m), near[m]) for m in modalities]
    if s["mix"] == "before":
        learned = symmetric(sum(w * k for w, k in zip(weights, learned)))
    else:
        learned = sum(w * symmetric(k) for w, k in zip(weights, learned))
    return s["original"] * original + (1 - s["original"]) * learned  # (5, 6)


def refresh(world, p, s):
    near = {m: nearest(project(world, p, m), s["neighbours"]) for m in world.features}
    return near, item_graph(world, p, s, near)


def final(world, p, s, a):
    h = p["items"]
    for _ in range(s["itemLayers"]):
        h = a @ h  # (7)
    e = torch.cat([p["users"], p["items"]])
    interactions = graph(world.interactions())
    if s["encoder"] == "lightgcn":
        e = mean_of_layers({"walk": walk, "symmetric": symmetric}[s["adjacency"]](interactions), e, s["layers"])
    if s["encoder"] == "ngcf":
        layers = [e]
        for part in p["ngcf"]:
            m = walk(interactions) @ e
            e = leaky(m @ part["W1"].T + part["b1"]) + leaky((e * m) @ part["W2"].T + part["b2"])
            layers.append(unit_rows(e))
        e = sum(layers) / len(layers)
    return {"users": e[:world.users], "items": e[world.users:] + unit_rows(h)}  # (8)


def encode(world, p, s):
    return final(world, p, s, refresh(world, p, s)[1])


def loss(world, p, batch, s, fresh):
    near, held = fresh
    moving = {"first": batch["step"] == 0, "every": True, "none": False}[s["graphGradient"]]
    e = final(world, p, s, item_graph(world, p, s, near) if moving else held)
    users, positives, negatives = rows_of(e["users"], e["items"], batch)
    ranked = bpr((users * positives).sum(1), (users * negatives).sum(1))
    return ranked + s["l2"] * batch_l2(users, positives, negatives)  # (10)


def params(world, dim, trained=()):
    return {
        "users": world.normal(world.users, dim),
        "items": world.normal(world.items, dim),
        "weights": world.normal(len(world.features)),
        "modalities": {
            m: {
                "W": world.normal(dim, x.shape[1]),
                "b": world.normal(dim),
                **({"X": x.clone()} if m in trained else {}),
            }
            for m, x in world.features.items()
        },
    }


usual = {
    "dim": 3, "neighbours": 4, "original": 0.6, "itemLayers": 1, "encoder": "lightgcn", "layers": 2, "adjacency": "walk",
    "mix": "before", "graphGradient": "first", "l2": 0.1, "freeze": True,
}


def cases(world, *changes):
    start, moving = params(world, 3), params(world, 3, [m for m in world.features if m not in world.sparse])
    return [
        {"settings": {**usual, **change}, "params": start if change.get("freeze", True) else moving, "lr": 0.01}
        for change in changes
    ]


two = World(seed=21, features={"image": 6, "text": 4}, epoch=4)
both = params(two, 3)
ngcf = {**both, "ngcf": [
    {"W1": two.normal(3, 3), "W2": two.normal(3, 3), "b1": two.normal(3), "b2": two.normal(3)} for _ in range(2)
]}
write("lattice", two, cases(
    two, {}, {"freeze": False}, {"graphGradient": "every", "mix": "after", "adjacency": "symmetric"},
    {"graphGradient": "none", "itemLayers": 2, "encoder": "mf"}, {"original": 0.0, "layers": 1, "freeze": False},
) + [{"settings": {**usual, "encoder": "ngcf", "dropout": 0.0}, "params": ngcf, "lr": 0.01}], encode, dot_scores, loss, refresh=refresh)
three = World(seed=22, features={"image": 6, "text": 4, "tags": 8}, sparse=["tags"], epoch=5)
write("lattice", three, cases(three, {}, {"freeze": False, "mix": "after", "graphGradient": "every"}), encode, dot_scores, loss,
      refresh=refresh, name="lattice_three")
one = World(seed=23, features={"tags": 7}, sparse=["tags"], epoch=3)
write("lattice", one, cases(one, {}, {"original": 0.2, "graphGradient": "every"}), encode, dot_scores, loss,
      refresh=refresh, name="lattice_one")
