"""Golden numbers for GUME (Lin et al., CIKM 2024). The noise of (11) is drawn by Giverny's generator, written down here again."""
import math

import torch
from neighbours import nearest, similarities
from world import World, batch_l2, bpr, dot_scores, graph, mean_of_layers, rows_of, symmetric, unit_rows, write


def threefry(key, x, y):
    """Threefry-2x32 with 20 rounds (Salmon et al., SC 2011)."""
    word = 2**32 - 1
    keys = [key[0], key[1], key[0] ^ key[1] ^ 0x1BD11BDA]
    x, y = (x + keys[0]) & word, (y + keys[1]) & word
    for group in range(5):
        for turn in ([13, 15, 26, 6] if group % 2 == 0 else [17, 29, 16, 24]):
            x = (x + y) & word
            y = ((y << turn | y >> (32 - turn)) & word) ^ x
        x = (x + keys[(group + 1) % 3]) & word
        y = (y + keys[(group + 2) % 3] + group + 1) & word
    return x, y


def fold(key, data):
    return threefry(key, 0x80000000, data)


def uniform(key, rows, columns):
    count = rows * columns
    words = [word for i in range(math.ceil(count / 2)) for word in threefry(key, 0, i)][:count]
    return torch.tensor([(word >> 8) / 2**24 for word in words]).reshape(rows, columns)


def adjacency(world, s):
    a = graph(world.interactions())
    if s["enhance"]:
        near = [nearest(x, s["neighbours"]) for x in world.features.values()]
        shared = torch.stack(near).all(0) & ~torch.eye(world.items, dtype=torch.bool)
        a[world.users:, world.users:] = shared.to(a.dtype)  # directed
    return symmetric(a)


def layer(p, x):
    return x @ p["W"].T + p["b"]


def views(world, p, s):
    a = adjacency(world, s)
    ids = mean_of_layers(a, torch.cat([p["users"], p["items"]]), s["layers"])  # (2)
    explicit = []
    for m, x in world.features.items():
        part = p["modalities"][m]
        t = p["items"] * torch.sigmoid(layer(part["gate"], layer(part["project"], part.get("X", x))))  # (1)
        graph_of_items = symmetric(similarities(x, nearest(x, s["neighbours"])))
        for _ in range(s["itemLayers"]):
            t = graph_of_items @ t
        explicit.append(torch.cat([a[:world.users, world.users:] @ t, t]))  # (3)
    asked = [torch.tanh(layer(p["query"], f)) @ p["query"]["w"].T for f in explicit]
    weights = torch.softmax(torch.cat(asked, 1), 1)
    coarse = sum(weights[:, [n]] * f for n, f in enumerate(explicit))  # (4)
    fine = [
        torch.sigmoid(layer(part["behaviour"], ids)) * (f - coarse) for part, f in zip(p["modalities"].values(), explicit)
    ]
    joint = (coarse + sum(fine)) / (len(fine) + 1)  # (5)
    interests = [
        mean_of_layers(a, torch.cat([part["Q"], f[world.users:]]), s["layers"])
        for part, f in zip(p["modalities"].values(), explicit)
    ]
    return ids, explicit, joint, sum(interests) / len(interests)  # (7)


def encode(world, p, s):
    ids, _, joint, _ = views(world, p, s)
    e = ids + joint  # (6)
    return {"users": e[:world.users], "items": e[world.users:]}


def info_nce(a, b, temperature):
    similar = unit_rows(a) @ unit_rows(b).T / temperature
    return -torch.log_softmax(similar, 1).diagonal().mean()


def noisy(e, key, size):
    return e + size * torch.sign(e) * unit_rows(uniform(key, *e.shape))


def loss(world, p, batch, s, fresh):
    ids, explicit, joint, interest = views(world, p, s)
    e = ids + joint
    users, positives, negatives = rows_of(e[:world.users], e[world.users:], batch)
    value = bpr((users * positives).sum(1), (users * negatives).sum(1)) + s["l2"] * batch_l2(users, positives, negatives)

    who, what = batch["users"], [world.users + i for i in batch["positives"]]
    apart = [
        (f.var() - g.var()).abs() + (f.mean() - g.mean()).abs() for n, f in enumerate(explicit) for g in explicit[n + 1:]
    ]
    if apart:
        value = value + s["internal"] * sum(apart) / len(apart)  # (9)
    aligned = sum(info_nce(joint[rows], ids[rows], s["externalTemperature"]) for rows in (who, what))
    value = value + s["external"] * aligned  # (10)
    told = info_nce(interest[who], joint[who], s["userTemperature"])
    for n, views_of in enumerate((joint, interest)):
        pair = [noisy(views_of[who], fold((0, 0), 2 * n + m), s["noise"]) for m in range(2)]
        told = told + info_nce(*pair, s["userTemperature"])
    value = value + s["user"] * told  # (11)
    return value + s["interestL2"] * batch_l2(interest[what])  # (8)


def params(world, dim, trained=()):
    def linear(inputs):
        return {"W": world.normal(dim, inputs), "b": world.normal(dim)}

    return {
        "users": world.normal(world.users, dim),
        "items": world.normal(world.items, dim),
        "query": {**linear(dim), "w": world.normal(1, dim)},
        "modalities": {
            m: {
                "Q": world.normal(world.users, dim),
                "project": linear(x.shape[1]),
                "gate": linear(dim),
                "behaviour": linear(dim),
                **({"X": x.clone()} if m in trained else {}),
            }
            for m, x in world.features.items()
        },
    }


usual = {
    "dim": 4, "neighbours": 4, "enhance": True, "layers": 3, "itemLayers": 2, "internal": 0.5, "external": 0.3,
    "externalTemperature": 0.4, "user": 0.2, "userTemperature": 0.3, "noise": 0.1, "interestL2": 0.1, "l2": 0.1,
    "freeze": True,
}


def cases(world, *changes):
    start, moving = params(world, 4), params(world, 4, [m for m in world.features if m not in world.sparse])
    return [
        {"settings": {**usual, **change}, "params": start if change.get("freeze", True) else moving, "lr": 0.01}
        for change in changes
    ]


two = World(seed=31, features={"image": 6, "text": 4})
write("gume", two, cases(
    two, {}, {"freeze": False}, {"enhance": False}, {"internal": 0.0, "external": 0.0}, {"user": 0.0, "interestL2": 0.0},
    {"user": 0.0, "layers": 1, "itemLayers": 1}, {"noise": 0.0, "itemLayers": 0},
), encode, dot_scores, loss)
three = World(seed=32, features={"image": 6, "text": 4, "tags": 8}, sparse=["tags"])
write("gume", three, cases(three, {}, {"freeze": False, "enhance": False}), encode, dot_scores, loss, name="gume_three")
one = World(seed=33, features={"tags": 7}, sparse=["tags"])
write("gume", one, cases(one, {}), encode, dot_scores, loss, name="gume_one")
