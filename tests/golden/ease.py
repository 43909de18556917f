"""Golden numbers for EASE (Steck, WWW 2019) and its extensions by features (Jeunen et al., RecSys 2020). B solves the normal
equations column by column: for each item, ridge regression of its users on all other items."""
import numpy as np
from numeric import World, directions, write


def ridge(rows, l2):
    """The weights that predict each column of `rows` from the other columns."""
    items = rows.shape[1]
    b = np.zeros((items, items))
    for j in range(items):
        others = [i for i in range(items) if i != j]
        x = rows[:, others]
        b[others, j] = np.linalg.solve(x.T @ x + l2 * np.eye(items - 1), x.T @ rows[:, j])
    return b


def encode(world, p, s):
    r = world.interactions()
    features = [directions(x).T for x in world.features.values()]
    if s["side"] == "collective":
        stacked = np.concatenate([r, *(np.sqrt(s["content"]) * f for f in features)])
        return {"B": ridge(stacked, s["l2"])}
    b = ridge(r, s["l2"])
    return {"B": (1 - s["share"]) * b + s["share"] * ridge(np.concatenate(features), s["contentL2"])}


def scores(world, e, s):
    return world.interactions() @ e["B"]


usual = {"l2": 2.0, "side": "collective", "content": 1.5, "share": 0.3, "contentL2": 0.7}


def cases(*changes):
    return [{"settings": {**usual, **change}, "params": {}} for change in changes]


two = World(seed=51, features={"image": 6, "tags": 8}, sparse=["tags"], users=9, items=10)
write("ease", two, cases({}, {"content": 0.0}, {"l2": 30.0, "content": 20.0}, {"side": "additive"}), encode, scores)
