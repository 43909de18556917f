"""Golden numbers for item-kNN: cosines of items' users, the k largest of each row, and their sums over a user's items."""
import torch
from world import World, write


def similarity(world, s):
    r = world.interactions()
    both = r.T @ r
    n = both.diagonal()
    sim = both / ((n[:, None] * n[None, :]).sqrt() + s["shrink"]).clamp(min=1e-300)
    sim.fill_diagonal_(0)
    for i in range(world.items):
        kept = sorted(range(world.items), key=lambda j: (-float(sim[i, j]), j))[:s["neighbours"] or world.items]
        sim[i, [j for j in range(world.items) if j not in kept]] = 0
    return sim


def encode(world, p, s):
    sim = similarity(world, s)
    return {
        "degrees": (sim > 0).sum(1).double(),
        "columns": torch.cat([row.nonzero()[:, 0] for row in sim]).double(),
        "weights": torch.cat([row[row > 0] for row in sim]),
    }


def scores(world, e, s):
    return world.interactions() @ similarity(world, s)


world = World(seed=5, users=9, items=10)
cases = [
    {"settings": {"neighbours": k, "shrink": shrink}, "params": {}}
    for k, shrink in ((0, 0.0), (2, 0.0), (0, 1.5), (1, 0.5))
]
write("itemknn", world, cases, encode, scores, None, name="item_knn")
