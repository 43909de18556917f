"""Golden numbers for MMGCN (Wei et al., MM 2019) and for what the MONET paper takes out of it."""
import torch
from torch.nn.functional import leaky_relu
from world import World, bpr, dot_scores, graph, unit_rows, write


def mean_over_neighbours(world):
    """D^(−1) A; rows of isolated nodes are 0."""
    a = graph(world.interactions())
    return a / a.sum(1, keepdim=True).clamp(min=1)


def of_modality(world, name, p, s):
    """What all nodes are in one modality."""
    mean, ids, w = mean_over_neighbours(world), p["tables"].get("ID"), p["networks"][name]
    features = world.features[name]
    if "W" in w:
        features = features @ w["W"].T + w["b"]
    x = unit_rows(torch.cat([p["tables"]["P"][name], features]))
    all_layers = [x]
    for n in range(0 if s["propagation"] == "none" else s["layers"]):
        if s["propagation"] == "linear":
            x = mean @ x + x + ids
        else:
            q = w["layers"][n]
            h = leaky_relu(mean @ (x @ q["W1"].T))  # (2)
            if s["propagation"] == "full":
                h = torch.cat([h, leaky_relu(x @ q["W2"].T + q["b2"]) + ids], 1)  # (5)
            x = leaky_relu(h @ q["W3"].T + q["b3"])  # (6)
        all_layers.append(x)
    return sum(all_layers) / len(all_layers) if s["propagation"] == "combined" else x


def encode(world, p, s):
    parts = [of_modality(world, name, p, s) for name in world.features]
    e = sum(parts) / len(parts)
    return {"users": e[:world.users], "items": e[world.users:]}


def loss(world, p, batch, s, fresh):
    if not s["trainTables"]:
        tables = p["tables"]
        p = {**p, "tables": {"ID": tables["ID"].detach(), "P": {name: x.detach() for name, x in tables["P"].items()}}}
    e = encode(world, p, s)
    who = batch["users"] + batch["users"]
    what = batch["positives"] + batch["negatives"]
    y = (e["users"][who] * e["items"][what]).sum(1)
    weighed = sum((x ** 2).mean() for x in p["tables"]["P"].values())
    if "ID" in p["tables"]:
        ids = p["tables"]["ID"]
        weighed = weighed + (ids[who] ** 2 + ids[[world.users + i for i in what]] ** 2).mean()
    b = len(batch["users"])
    return bpr(y[:b], y[b:]) + s["l2"] * weighed


DIM, LATENT, RAW = 3, 5, 4


def params_of(world, s):
    projected = s["propagation"] in ("linear", "combined", "none")
    tables = {"P": {}} if s["propagation"] in ("neighbours", "combined", "none") else {
        "ID": world.normal(world.users + world.items, DIM), "P": {}}
    networks = {}
    for name, x in world.features.items():
        columns = x.shape[1]
        width = DIM if projected else LATENT if columns > RAW or name in world.sparse else columns
        tables["P"][name] = world.normal(world.users, width)
        w = {}
        if projected or columns > RAW or name in world.sparse:
            w = {"W": world.normal(width, columns, deviation=0.5), "b": world.normal(width)}
        layers = []
        for n in range(s["layers"]):
            inputs = width if n == 0 else DIM
            joined = inputs + DIM if s["propagation"] == "full" else inputs
            q = {"W1": world.normal(inputs, inputs, deviation=0.7)}
            if s["propagation"] == "full":
                q["W2"], q["b2"] = world.normal(DIM, inputs, deviation=0.7), world.normal(DIM)
            q["W3"], q["b3"] = world.normal(DIM, joined, deviation=0.7), world.normal(DIM)
            layers.append(q)
        networks[name] = w if s["propagation"] in ("linear", "none") else {**w, "layers": layers}
    return {"tables": tables, "networks": networks}


def cases_of(world, variants):
    settings = [{"dim": DIM, "latent": LATENT, "raw": RAW, "layers": 3, "l2": 0.1, "propagation": "full",
                 "trainTables": True, **variant} for variant in variants]
    return [{"settings": s, "params": params_of(world, s), "lr": 0.01} for s in settings]


world = World(seed=21, features={"image": 6, "text": 4})
variants = [{}, {"trainTables": False}, {"layers": 1, "l2": 0.0}, {"propagation": "linear"},
            {"propagation": "neighbours"}, {"propagation": "combined"}, {"propagation": "none"}]
write("mmgcn", world, cases_of(world, variants), encode, dot_scores, loss)

world = World(seed=22, features={"image": 6, "text": 4, "tags": 8}, sparse=["tags"])
write("mmgcn", world, cases_of(world, [{}, {"propagation": "linear"}]), encode, dot_scores, loss, name="mmgcn_three")

world = World(seed=23, features={"tags": 7}, sparse=["tags"])
write("mmgcn", world, cases_of(world, [{}, {"propagation": "combined"}]), encode, dot_scores, loss, name="mmgcn_one")
