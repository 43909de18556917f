"""
CPU seconds of training epochs of a model of MMRec (https://github.com/enoche/MMRec), or of a project built on it, from a
folder with its code: the loss, its gradient and Adam. Batches are drawn here with numpy, as their loader draws them:
all interactions in random order, and a negative outside of the user's history.

    python mmrec_work.py --code DIR --model VBPR --data ../shared/data/tiktok --epochs 3
"""
import argparse
import importlib
import inspect
import json
import os
import sys
import tempfile
import time

import numpy as np
import torch
import yaml

FEATURES = {"vision_feature_file": "image_feat.npy", "text_feature_file": "audio_feat.npy"}


class Interactions:
    """The training interactions: the part of MMRec's data loader that models use."""

    def __init__(self, pairs, users, items):
        self.pairs, self.users, self.items = pairs, users, items
        self.dataset = self
        self.inter_num = len(pairs)
        self.known = np.unique(pairs[:, 0] * items + pairs[:, 1])

    def get_user_num(self):
        return self.users

    def get_item_num(self):
        return self.items

    def __len__(self):
        return self.inter_num

    def inter_matrix(self, form="coo", value_field=None):
        from scipy.sparse import coo_matrix
        ones = np.ones(len(self.pairs), dtype=np.float32)
        matrix = coo_matrix((ones, (self.pairs[:, 0], self.pairs[:, 1])), shape=(self.users, self.items))
        return matrix if form == "coo" else matrix.asformat(form)

    def batches(self, size, rng):
        order = rng.permutation(len(self.pairs))
        for start in range(0, len(order), size):
            pairs = self.pairs[order[start:start + size]]
            negatives = rng.integers(self.items, size=len(pairs))
            while True:
                wrong = np.isin(pairs[:, 0] * self.items + negatives, self.known)
                if not wrong.any():
                    break
                negatives[wrong] = rng.integers(self.items, size=wrong.sum())
            yield torch.from_numpy(np.stack([pairs[:, 0], pairs[:, 1], negatives]))


class Config(dict):
    """Settings: those that a model asks for and that no file has are None, as in MMRec."""

    def __missing__(self, key):
        return None


def settings(code, model, folder, batch):
    config = Config()
    for name in ["overall", f"model/{model}"]:
        path = os.path.join(code, "src", "configs", f"{name}.yaml")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                config.update(yaml.safe_load(file) or {})
    for name in config["hyper_parameters"] or []:
        if isinstance(config[name], list):
            config[name] = config[name][0]
    config.update(FEATURES, model=model, dataset="data", data_path=folder + os.sep, device=torch.device("cpu"))
    config.update(use_gpu=False, train_batch_size=batch, USER_ID_FIELD="user", ITEM_ID_FIELD="item", NEG_PREFIX="neg_")
    # Files may write numbers as 1e-04, which YAML reads as texts.
    return Config({name: number(value) for name, value in config.items()})


def number(value):
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--code", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--batch", type=int, default=2048)
    parser.add_argument("--epochs", type=int, default=3)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(123)
    if not torch.cuda.is_available():
        # Some models ask for a GPU by name.
        torch.Tensor.cuda = lambda self, *_, **__: self
    sys.path.insert(0, os.path.join(args.code, "src"))
    table = np.loadtxt(os.path.join(args.data, "inter.tsv"), dtype=np.int64, skiprows=1)
    users, items = table[:, :2].max(axis=0) + 1
    train = Interactions(table[table[:, 2] == 0, :2], int(users), int(items))
    with tempfile.TemporaryDirectory() as folder:
        # Models write files next to the features.
        os.mkdir(os.path.join(folder, "data"))
        for name in FEATURES.values():
            os.symlink(os.path.abspath(os.path.join(args.data, name)), os.path.join(folder, "data", name))
        config = settings(args.code, args.model, folder, args.batch)
        kind = getattr(importlib.import_module(f"models.{args.model.lower()}"), args.model)
        # Some models ask for a name of the run too.
        further = len(inspect.signature(kind).parameters) - 2
        model = kind(config, train, *["run"] * further)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        rng, seconds = np.random.default_rng(123), []
        for _ in range(1 + args.epochs):
            start = time.process_time()
            model.pre_epoch_processing()
            model.train()
            for batch in train.batches(args.batch, rng):
                optimizer.zero_grad()
                losses = model.calculate_loss(batch)
                (sum(losses) if isinstance(losses, tuple) else losses).backward()
                optimizer.step()
            model.post_epoch_processing()
            seconds.append(time.process_time() - start)
    print(json.dumps({"seconds": seconds[1:]}))


if __name__ == "__main__":
    main()
