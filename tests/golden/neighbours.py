"""Graphs of nearest neighbours as dense matrices, for the golden scripts of models that use them."""
import torch
from world import unit_rows


def nearest(x, k):
    """Which rows are neighbours: oneself, and the k − 1 most similar others by cosine whose similarity is above 0."""
    similar = unit_rows(x) @ unit_rows(x).T
    similar.fill_diagonal_(2)
    kept = torch.zeros_like(similar, dtype=torch.bool)
    kept.scatter_(1, similar.topk(min(k, len(x)), dim=1).indices, True)
    return kept & (similar > 0)


def similarities(x, near):
    """Cosines where rows are neighbours, 0 elsewhere."""
    return unit_rows(x) @ unit_rows(x).T * near
