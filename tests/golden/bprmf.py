"""Golden numbers for BPR-MF (Rendle et al., UAI 2009) on batches, as later codes have it."""
from world import World, batch_l2, batch_norms, bpr, dot_scores, rows_of, write


def encode(world, p, s):
    return p


def loss(world, p, batch, s, fresh):
    users, positives, negatives = rows = rows_of(p["users"], p["items"], batch)
    ranked = bpr((users * positives).sum(1), (users * negatives).sum(1))
    return ranked + s["l2"] * {"squared": batch_l2, "unsquared": batch_norms}[s["norm"]](*rows)


world = World(seed=12)
params = {"users": world.normal(world.users, 4), "items": world.normal(world.items, 4)}
cases = [
    {"settings": {"dim": 4, "l2": l2, "norm": norm}, "params": params, "lr": lr}
    for l2, norm, lr in ((0.1, "squared", 0.01), (0.1, "unsquared", 0.01), (0.0, "squared", 0.1))
]
write("bprmf", world, cases, encode, dot_scores, loss)
