"""Golden numbers for FREEDOM (Zhou and Shen, MM 2023). The edges of an epoch are drawn with Giverny's generator and the key 0."""
import numpy as np
from numeric import (
    World, average_of_layers, bpr, inner_scores, neighbours, normalised, two_sided, uniform, write,
)


def item_graph(world, s):
    graphs = {m: normalised((neighbours(x, s["neighbours"]) > 0).astype(float)) for m, x in world.features.items()}
    shares = {m: 1 / len(graphs) for m in graphs}
    if "image" in graphs and len(graphs) > 1:
        shares = {m: (1 - s["imageShare"]) / (len(graphs) - 1) for m in graphs}
        shares["image"] = s["imageShare"]
    return sum(shares[m] * graph for m, graph in graphs.items())


def refresh(world, p, s):
    """The interactions that an epoch keeps: an exponential race of the edges, with rates 1 / √(d_u d_i)."""
    r = world.interactions()
    if s["rho"] == 0:
        return r
    edges = [(u, i) for u, items in enumerate(world.history) for i in items]
    draws = uniform((0, 0), len(edges))
    times = [-np.log(draw) * np.sqrt(r[u].sum() * r[:, i].sum()) for draw, (u, i) in zip(draws, edges)]
    kept = np.zeros_like(r)
    for n in np.argsort(times)[:max(1, int(np.floor(len(edges) * (1 - s["rho"]))))]:
        kept[edges[n]] = 1
    return kept


def embeddings(world, p, s, r):
    nodes = average_of_layers(normalised(two_sided(r)), np.concatenate([p["users"], p["items"]]), s["layers"])
    similar = np.linalg.matrix_power(item_graph(world, s), s["itemLayers"]) @ p["items"]
    return nodes[:world.users], nodes[world.users:] + similar


def encode(world, p, s):
    users, items = embeddings(world, p, s, world.interactions())
    return {"users": users, "items": items}


def loss(world, p, batch, s, kept):
    users, items = embeddings(world, p, s, kept)
    who, which, others = batch["users"], batch["positives"], batch["negatives"]
    value = bpr(users[who], items[which], items[others])
    for m, x in world.features.items():
        part = p["modalities"][m]
        f = part.get("X", x) @ part["W"].T + part["b"]
        value += s["lambda"] * bpr(users[who], f[which], f[others])
    return value


def params(world, dim, trained=()):
    return {
        "users": world.normal(world.users, dim),
        "items": world.normal(world.items, dim),
        "modalities": {
            m: {
                "W": world.normal(dim, x.shape[1]), "b": world.normal(dim), **({"X": x.copy()} if m in trained else {}),
            }
            for m, x in world.features.items()
        },
    }


usual = {
    "dim": 4, "neighbours": 4, "imageShare": 0.1, "rho": 0.4, "layers": 2, "itemLayers": 1, "lambda": 0.3, "freeze": True,
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


two = World(seed=41, features={"image": 6, "text": 4})
write("freedom", two, cases(
    two, {}, {"rho": 0.0, "layers": 3, "itemLayers": 2}, {"freeze": False, "imageShare": 0.7}, {"lambda": 0.0, "itemLayers": 0},
), encode, inner_scores, loss, refresh)
three = World(seed=42, features={"audio": 5, "text": 4, "tags": 8}, sparse=["tags"])
write("freedom", three, cases(three, {}, {"freeze": False, "rho": 0.8}), encode, inner_scores, loss, refresh, name="freedom_three")
one = World(seed=43, features={"image": 7})
write("freedom", one, cases(one, {"layers": 1}), encode, inner_scores, loss, refresh, name="freedom_one")
