import { monet } from "../src/models/mod.ts";
import { checkerboard, trained } from "./models/worlds.ts";
import { histories } from "../src/data/dataset.ts";
import { recommend } from "../src/rank/recommend.ts";
for (const size of [16]) for (const [epochs, lr] of [[0, .02],[40,.02],[40,.1],[100,.05]] as const) {
  const board = checkerboard(size);
  const { score } = await trained(monet, board, { training: { epochs, batch: 16, lr } });
  const found = await recommend(score, { history: histories(board, "train"), k: 1 });
  console.log(size, epochs, lr, found.filter(({ items, user }) => items[0] === user).length);
}
