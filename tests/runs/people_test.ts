/** Requests leave no tensors behind. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { key } from "../../src/core/random.ts";
import { garden } from "../../src/data/garden.ts";
import { models } from "../../src/models/mod.ts";
import { explain } from "../../src/runs/explain.ts";
import type { Person } from "../../src/runs/people.ts";
import { recommend } from "../../src/runs/recommend.ts";
import { similar } from "../../src/runs/similar.ts";
import { train } from "../../src/runs/train.ts";

const data = garden(key(3), { users: 24, items: 30 });

/** People of every kind, for the models that take weights. */
const WEIGHED: Readonly<Record<string, Partial<Person>>> = {
  monet: { modalities: { image: 0.5 }, beta: 0.5 },
  grcn: { modalities: { image: 0.5 } },
  mario: {},
  mmgcn: {},
  lightgcn: {},
  itemknn: {},
};

for (const [name, weights] of Object.entries(WEIGHED)) {
  Deno.test(`memory is flat over requests to ${name}`, async () => {
    const run = await train(models[name], data, {
      settings: name === "itemknn" ? {} : { dim: 8 },
      epochs: 1,
      test: false,
    });
    const people = [data.users[1], { items: [data.items[3]], ...weights }, {
      user: data.users[2],
      items: [data.items[3]],
    }];
    const requests = async () => {
      await recommend(run, { users: people });
      await explain(run, { items: [data.items[3]], ...weights }, data.items[5]);
      await similar(run, data.items[4]);
      return run.device.room();
    };
    const first = await requests();
    assertEquals([await requests(), await requests()], [first, first]);
  });
}
