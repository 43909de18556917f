"""Golden numbers for MAML (Liu et al., MM 2019), with negatives drawn as Giverny draws them, dropout left out."""
import torch
from world import World, unit_rows, write

MASK = 2**32 - 1


def threefry(key, x, y):
    """Threefry-2x32 with 20 rounds (Salmon et al., SC 2011)."""
    schedule = [*key, key[0] ^ key[1] ^ 0x1BD11BDA]
    a, b = (x + key[0]) & MASK, (y + key[1]) & MASK
    for group in range(5):
        for turn in ((13, 15, 26, 6), (17, 29, 16, 24))[group % 2]:
            a = (a + b) & MASK
            b = (b << turn | b >> 32 - turn) & MASK ^ a
        a = (a + schedule[(group + 1) % 3]) & MASK
        b = (b + schedule[(group + 2) % 3] + group + 1) & MASK
    return a, b


def fold_in(key, data):
    """The key that belongs to a number under another key."""
    return threefry(key, 0x80000000, data)


def negatives(key, world, users):
    """An item for every user listed that is not in their history: drawn, and drawn again until that holds."""
    out, pending, attempt = [None] * len(users), list(range(len(users))), 0
    while pending:
        words = [word for n in range((len(pending) + 1) // 2) for word in threefry(fold_in(key, attempt), 0, n)]
        for n, word in zip(pending, words):
            out[n] = int(word / 2**32 * world.items)
        pending = [n for n in pending if out[n] in world.history[users[n]]]
        attempt += 1
    return out


def clip(x):
    """Rows of length 1 at most."""
    return x / x.norm(dim=1, keepdim=True).clamp(min=1)


def project(world, projection):
    x = unit_rows(torch.cat([world.features[m] for m in projection["first"]], 1))
    x = torch.relu(x @ torch.cat(list(projection["first"].values()), 1).T + projection["b"])
    second, third, last = projection["layers"]
    for layer in (second, third):
        x = torch.relu(unit_rows(x) @ layer["W"].T + layer["b"])
    return clip(x @ last["W"].T + last["b"])


def distances(u, v, f, attention):
    first, second = attention["first"], attention["second"]
    hidden = torch.tanh(unit_rows(torch.cat([u, v, f], 1)) @ first["W"].T + first["b"])
    a = u.shape[1] * torch.softmax(torch.relu(unit_rows(hidden) @ second["W"].T + second["b"]), 1)
    return ((a * u - a * v) ** 2).sum(1)


def encode(world, p, s):
    f = project(world, p["projection"])
    return {"users": p["users"], "items": p["items"], "features": f, "attention": p["attention"]}


def scores(world, e, s):
    each = [distances(u.expand(world.items, -1), e["items"], e["features"], e["attention"]) for u in e["users"]]
    return -torch.stack(each)


def loss(world, p, batch, s, fresh):
    f, attention = project(world, p["projection"]), p["attention"]
    if not s["trainNetworks"]:
        f = f.detach()
        attention = {name: {k: x.detach() for k, x in layer.items()} for name, layer in attention.items()}
    users, v = p["users"], p["items"]

    def d(who, what):
        return distances(users[who], v[what], f[what], attention)

    near = d(batch["users"], batch["positives"])
    others = negatives(fold_in((0, 0), 0), world, batch["users"] * (s["negatives"] - 1))
    size = len(batch["users"])
    lists = [batch["negatives"]] + [others[n * size:(n + 1) * size] for n in range(s["negatives"] - 1)]
    far = torch.stack([d(batch["users"], items) for items in lists], 1)
    violation = torch.relu(near - far.min(1).values + s["margin"])
    rank = (near[:, None] - far + s["margin"] > 0).double().mean(1) * world.items
    ranking = (torch.log(rank + 1) * violation).sum()
    everything = torch.cat([v, users])
    centred = everything - everything.mean(0)
    covariance = centred.T @ centred / len(everything)
    off = covariance.sum() - covariance.diagonal().sum()
    return ranking + s["featureWeight"] * ((v - f) ** 2).sum() + s["covarianceWeight"] * off


def constrain(p, s):
    for x in (p["users"], p["items"]):
        x.copy_(clip(x))


def params(world, dim, hidden):
    def layer(inputs, outputs):
        return {"W": world.normal(outputs, inputs, deviation=0.7), "b": world.normal(outputs)}

    half = -(-hidden // 2)
    return {
        "users": world.normal(world.users, dim, deviation=0.6),
        "items": world.normal(world.items, dim, deviation=0.6),
        "projection": {
            "first": {m: world.normal(hidden, x.shape[1], deviation=0.7) for m, x in world.features.items()},
            "b": world.normal(hidden),
            "layers": [layer(hidden, half), layer(half, half), layer(half, dim)],
        },
        "attention": {"first": layer(3 * dim, 5 * dim), "second": layer(5 * dim, dim)},
    }


PAPER = {"margin": 1.6, "negatives": 4, "featureWeight": 5.0, "covarianceWeight": 5.0, "trainNetworks": True}


def cases(world, *changes):
    p = params(world, 3, 7)
    fixed = {"dim": 3, "hidden": 7, "dropout": 0, "attentionDropout": 0}
    return [{"settings": {**fixed, **PAPER, **change}, "params": p, "lr": 0.01} for change in changes]


three = World(seed=5, features={"image": 6, "text": 4, "tags": 5}, sparse=["tags"])
write("maml", three, cases(three, {}, {"trainNetworks": False, "margin": 0.4}, {"margin": 0.1, "featureWeight": 0.5}),
      encode, scores, loss, constrain=constrain)
one = World(seed=6, features={"tags": 6}, sparse=["tags"])
write("maml", one, cases(one, {"negatives": 1, "covarianceWeight": 0.0}), encode, scores, loss, constrain=constrain,
      name="maml_one")
