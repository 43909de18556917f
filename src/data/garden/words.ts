/**
 * A painting in words: a title that no other painting has, and a short description.
 *
 * @module
 */
import { choose, foldIn, type Key, split } from "../../core/random.ts";
import { type Dice, dice, pick } from "./dice.ts";
import type { Painting } from "./painting.ts";
import { AIR, HOUR, MANNER, SEASON } from "./phrases.ts";
import { MOTIF } from "./phrases_motifs.ts";

/** Returns a title: the subject, and something of the hour, the season or the air. */
function entitle({ motif, season, hour, air }: Painting, roll: Dice): string {
  const subject = pick(roll, MOTIF[motif].titles), { at, name } = HOUR[hour], weather = AIR[air].title;
  return pick(roll, [
    `${subject} ${at}, ${season}`,
    `${subject}, ${season} ${name}`,
    `${subject} in ${season}`,
    `${subject} ${at}`,
    ...weather.map((phrase) => `${subject} ${phrase}, ${name}`),
    ...weather.map((phrase) => `${subject} ${phrase}, ${season}`),
  ]);
}

/** Returns one title per painting, all different: a repeated title gets another wording, or finally a number. */
export function titlesOf(key: Key, paintings: readonly Painting[]): string[] {
  const taken = new Set<string>();
  return paintings.map((painting, i) => {
    const roll = dice(foldIn(key, i));
    const wordings = Array.from({ length: 8 }, () => entitle(painting, roll));
    let title = wordings.find((wording) => !taken.has(wording)) ?? wordings[0];
    for (let number = 2; taken.has(title); number++) title = `${wordings[0]}, no. ${number}`;
    taken.add(title);
    return title;
  });
}

/**
 * Returns a description: the subject first, then the light, the season and the manner in any order; one of these
 * three may be left out.
 */
export function describe({ motif, season, hour, air, manner }: Painting, key: Key): string {
  const [telling, order] = split(key);
  const roll = dice(telling), weather = AIR[air].says;
  const light = pick(roll, HOUR[hour].says) + (weather.length > 0 && roll() < 0.8 ? `, ${pick(roll, weather)}` : "");
  const details = [light, pick(roll, SEASON[season]), pick(roll, MANNER[manner])];
  const told = Array.from(choose(order, 3, roll() < 0.4 ? 2 : 3), (k) => details[k]);
  return [pick(roll, MOTIF[motif].says), ...told].map(sentence).join(" ");
}

function sentence(phrase: string): string {
  return `${phrase[0].toUpperCase()}${phrase.slice(1)}.`;
}
