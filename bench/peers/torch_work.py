"""The benchmarks of bench/work.ts in PyTorch on the CPU: the same data, number for number, and the same mathematics.

Prints one JSON line per measurement, as the other benchmarks do; with --check it prints results instead of times.
`ragged` is MONET's step written for speed in PyTorch: attention over each user's own history, and a sparse product
whose gradient is the same product, since the graph is symmetric. `dense` is the step of the released code, with an
items x items matrix of similarities and a users x items softmax.

Usage:
  python3 torch_work.py matmul|spmm|ragged|dense|epoch [--shape men|women|tiktok] [--threads N] [--repeat N] [--check]

Needs torch and numpy. The data of tiktok is read from --data, a folder with inter.tsv and NAME_feat.npy files.
"""
import argparse
import json
import os
import time
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")

# The sizes of bench/data.ts: users, items, interactions, and the widths of the features.
SIZES = {
    "men": (4955, 5028, 22296, {"image": 4096, "text": 1024}),
    "women": (19244, 14596, 95629, {"image": 4096, "text": 1024}),
    "tiktok": (9308, 6710, 59541, {"audio": 128, "image": 128}),
}
DIM, LAYERS, ALPHA, BETA, L2, BATCH, RATE = 64, 2, 1.0, 0.3, 1e-5, 1024, 1e-4


def numbers(salt, count):
    """Returns the same numbers as numbers(salt, count) of bench/data.ts."""
    with np.errstate(over="ignore"):
        h = (np.arange(count, dtype=np.uint32) + np.uint32(1)) * np.uint32(0x9E3779B9)
        h += np.uint32(salt * 0x85EBCA6B & 0xFFFFFFFF)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x85EBCA6B)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0xC2B2AE35)
        h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float32) * np.float32(2**-24)


def matrix(salt, rows, columns):
    return torch.from_numpy(numbers(salt, rows * columns).reshape(rows, columns))


class Data:
    """Training interactions sorted by user, and features by modality, in the order of their names."""

    def __init__(self, shape, folder):
        if shape == "tiktok" and os.path.exists(f"{folder}/inter.tsv"):
            self.name = "tiktok"
            table = np.loadtxt(f"{folder}/inter.tsv", dtype=np.int64, delimiter="\t", skiprows=1, usecols=(0, 1, 2))
            self.users, self.items = table[:, 0].max() + 1, table[:, 1].max() + 1
            u, i = table[table[:, 2] == 0, :2].T
            names = sorted(name for name in os.listdir(folder) if name.endswith("_feat.npy"))
            self.features = [torch.from_numpy(np.load(f"{folder}/{name}").astype(np.float32)) for name in names]
        else:
            self.name = f"random, the size of {shape}"
            self.users, self.items, count, widths = SIZES[shape]
            u = np.where(np.arange(count) < 2 * self.users, np.arange(count) // 2,
                         (numbers(1, count).astype(np.float64) * self.users).astype(np.int64))
            i = (numbers(2, count).astype(np.float64) * self.items).astype(np.int64)
            self.features = [matrix(4 + n, self.items, width) for n, width in enumerate(widths.values())]
        self.pairs = np.unique(u * self.items + i)
        self.u, self.i = self.pairs // self.items, self.pairs % self.items
        self.degrees = np.bincount(self.u, minlength=self.users)
        self.offsets = np.concatenate([[0], np.cumsum(self.degrees)])

    def graph(self):
        """The interaction graph, normalised on both sides, as a coalesced COO matrix."""
        popularity = np.bincount(self.i, minlength=self.items)
        weights = (1 / np.sqrt(self.degrees[self.u] * popularity[self.i])).astype(np.float32)
        rows = np.concatenate([self.u, self.i + self.users])
        columns = np.concatenate([self.i + self.users, self.u])
        nodes = int(self.users + self.items)
        return torch.sparse_coo_tensor(
            torch.from_numpy(np.stack([rows, columns])), torch.from_numpy(np.concatenate([weights, weights])),
            (nodes, nodes)).coalesce()

    def sampler(self, seed=0):
        """Batches of distinct users, each with an item of the history and an item outside it."""
        rng = np.random.default_rng(seed)
        active = np.flatnonzero(self.degrees)

        def batch():
            users = rng.choice(active, BATCH, replace=False)
            positives = self.i[self.offsets[users] + (rng.random(BATCH) * self.degrees[users]).astype(np.int64)]
            negatives = rng.integers(0, self.items, BATCH)
            while True:
                wanted = users * self.items + negatives
                at = np.minimum(np.searchsorted(self.pairs, wanted), len(self.pairs) - 1)
                seen = np.flatnonzero(self.pairs[at] == wanted)
                if len(seen) == 0:
                    return users, positives, negatives
                negatives[seen] = rng.integers(0, self.items, len(seen))

        return batch

    def fixed_batch(self):
        """The batch for comparing the losses of two libraries."""
        users = np.arange(BATCH) * 3 % self.users
        return users, self.i[self.offsets[users]], (numbers(30, BATCH).astype(np.float64) * self.items).astype(np.int64)


class Propagate(torch.autograd.Function):
    """A layer A h + alpha h with a symmetric sparse A: its gradient is the same layer."""

    @staticmethod
    def forward(ctx, graph, h):
        ctx.graph = graph
        return torch.addmm(h, graph, h, beta=ALPHA)

    @staticmethod
    def backward(ctx, g):
        return None, torch.addmm(g, ctx.graph, g, beta=ALPHA)


class Monet:
    """MONET with the parameters of bench/work.ts for comparing losses, and its Adam."""

    def __init__(self, data, method):
        self.data, self.method = data, method
        graph = data.graph()
        self.graph = graph.to_sparse_csr() if method == "ragged" else graph
        self.seen = graph.to_dense()[: data.users, data.users:] > 0 if method == "dense" else None
        draw = lambda salt, *shape: torch.nn.Parameter(  # noqa: E731
            torch.from_numpy(((numbers(salt, int(np.prod(shape))).astype(np.float64) - 0.5) / 10)
                             .astype(np.float32).reshape(shape)))
        self.parameters = [
            [draw(10 + 3 * n, data.users, DIM), draw(11 + 3 * n, DIM, x.shape[1]), draw(12 + 3 * n, DIM)]
            for n, x in enumerate(data.features)]
        self.optimizer = torch.optim.Adam([p for group in self.parameters for p in group], lr=RATE)

    def encode(self):
        parts = []
        for x, (p, w, b) in zip(self.data.features, self.parameters):
            h = torch.cat([p, torch.nn.functional.normalize(torch.nn.functional.linear(x, w, b))])
            for _ in range(LAYERS):
                h = Propagate.apply(self.graph, h) if self.method == "ragged" else \
                    torch.sparse.mm(self.graph, h) + ALPHA * h
            parts.append(h)
        fused = torch.cat(parts, 1)
        return fused[: self.data.users], fused[self.data.users:]

    def loss(self, users, positives, negatives):
        eu, ei = self.encode()
        eu, ep, en = (torch.nn.functional.embedding(torch.from_numpy(rows), of)
                      for rows, of in ((users, eu), (positives, ei), (negatives, ei)))
        attend = self.ragged(users, ei) if self.method == "ragged" else self.dense(users, ei)
        yp, yn = ((1 - BETA) * (eu * e).sum(1) + BETA * attend(torch.from_numpy(c), e)
                  for c, e in ((positives, ep), (negatives, en)))
        penalty = 0.5 * L2 * (eu.pow(2).sum() + ep.pow(2).sum() + en.pow(2).sum()) / len(users)
        return penalty - torch.nn.functional.logsigmoid(yp - yn).mean()

    def ragged(self, users, items):
        lengths = self.data.degrees[users]
        owner = torch.from_numpy(np.repeat(np.arange(len(users)), lengths))
        ends = np.cumsum(lengths)
        entries = np.arange(ends[-1]) + np.repeat(self.data.offsets[users] - (ends - lengths), lengths)
        history = torch.nn.functional.embedding(torch.from_numpy(self.data.i[entries]), items)

        def attend(_, targets):
            s = (history * torch.nn.functional.embedding(owner, targets)).sum(1)
            top = torch.full((len(users),), -1e30).scatter_reduce(0, owner, s.detach(), "amax")
            e = torch.exp(s - top[owner])
            total = lambda x: torch.zeros(len(users)).index_add(0, owner, x)  # noqa: E731
            return total(e * s) / total(e).clamp(min=1e-30)  # 0 where a history is empty

        return attend

    def dense(self, users, items):
        similarities = items @ items.T
        hidden = ~self.seen[users]

        def attend(targets, e):
            a = torch.softmax(similarities[targets].masked_fill(hidden, -1e9), 1)
            return (a @ items * e).sum(1)

        return attend

    def step(self, batch):
        loss = self.loss(*batch)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


def works(args):
    """Yields the works: the names of peer and work, the function to run, and the function of its result to check."""
    with torch.no_grad():
        if args.work == "matmul":
            rows, inner, columns = (int(n) for n in args.size.split("x"))
            x, w, g = matrix(1, rows, inner), matrix(2, columns, inner), matrix(3, rows, columns)
            yield "torch", "matmul forward", lambda: x @ w.T, torch.Tensor.numpy
            yield "torch", "matmul gradient", lambda: g.T @ x, torch.Tensor.numpy
            yield "torch", "matmul transposed", lambda: x.T @ g, torch.Tensor.numpy
            return
        if args.work == "spmm":
            for shape in [args.shape] if args.shape else ["tiktok", "women"]:
                graph = Data(shape, args.data).graph()
                x = matrix(1, graph.shape[1], 128)
                yield "torch coo", f"spmm {shape}", lambda: torch.sparse.mm(graph, x), torch.Tensor.numpy
                compressed = graph.to_sparse_csr()
                yield "torch csr", f"spmm {shape}", lambda: torch.mm(compressed, x), torch.Tensor.numpy
            return
    epoch = args.work == "epoch"
    method = "ragged" if epoch else args.work
    shape = args.shape or ("tiktok" if epoch else "men")
    data = Data(shape, args.data)
    model, batch = Monet(data, method), data.sampler()
    steps = len(data.pairs) // BATCH + 1 if epoch else 1

    def run():
        for _ in range(steps):
            model.step(batch())

    yield (f"torch {method}", f"{'epoch' if epoch else 'step'} {shape}", run,
           lambda _: model.loss(*data.fixed_batch()).detach().numpy())


def summary(values):
    """Returns the sum of a result, and five of its numbers."""
    flat = values.reshape(-1)
    picks = [flat[n * (len(flat) - 1) // 4] for n in range(5)]
    return [float(flat.astype(np.float64).sum()), *map(float, picks)]


def measure(run, repeat, warm_up):
    start, runs = time.perf_counter(), 0
    while runs < warm_up or (warm_up > 0 and time.perf_counter() - start < 0.5):
        run()
        runs += 1
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return {"ms": float(np.median(times)), "min": min(times), "repeats": repeat}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=["matmul", "spmm", "ragged", "dense", "epoch"])
    parser.add_argument("--shape", choices=list(SIZES))
    parser.add_argument("--size", default="5028x4096x64")
    parser.add_argument("--data", default="../shared/data/tiktok")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--warm-up", type=int, default=3)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    for peer, name, run, look in works(args):
        line = {"name": name, "peer": peer, "threads": torch.get_num_threads(), "device": f"torch {torch.__version__}"}
        is_model = args.work not in ("matmul", "spmm")
        result = {"check": summary(look(None if is_model else run()))} if args.check else \
            measure(run, args.repeat, args.warm_up)
        print(json.dumps({**line, **result}), flush=True)


if __name__ == "__main__":
    main()
