// deno-lint-ignore-file no-console
/**
 * `deno task torture`: kills each scenario at every operation in every manner, and then at every pair of operations. An
 * argument limits the minutes of the pairs of each scenario, 5 by default.
 *
 * @module
 */
import { type Dying, type Scenario, SCENARIOS, survive, undisturbed } from "./scenarios.ts";
import { MANNERS } from "./dying_files.ts";

const minutes = Number(Deno.args[0] ?? 5);
let failures = 0;

/** Does the work with these deaths, and reports a difference. */
async function tried(scenario: Scenario, deaths: readonly Dying[], result: Readonly<Record<string, string>>) {
  try {
    await survive(scenario, deaths, result);
  } catch (error) {
    failures++;
    const places = deaths.map(({ at, manner }) => `${manner} operation ${at}`).join(", then ");
    console.error(`${scenario.name} killed ${places}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Returns the numbers from 1 to n in a mixed order that is the same in every run. */
function mixed(n: number): number[] {
  const stride = [7919, 7907, 7901].find((prime) => n % prime !== 0) ?? 1;
  return Array.from({ length: n }, (_, i) => i * stride % n + 1);
}

for (const scenario of SCENARIOS) {
  const { result, operations } = await undisturbed(scenario);
  for (const manner of MANNERS) {
    for (let at = 1; at <= operations; at++) await tried(scenario, [{ at, manner }], result);
  }
  const end = performance.now() + minutes * 60_000;
  const pairs = operations * operations;
  let done = 0;
  for (const number of mixed(pairs)) {
    if (performance.now() > end) break;
    const ats = [1 + (number - 1) % operations, Math.ceil(number / operations)];
    await tried(scenario, ats.map((at, n) => ({ at, manner: MANNERS[(number + n) % MANNERS.length] })), result);
    done++;
  }
  console.log(
    `${scenario.name}: ${operations} operations, each killed in ${MANNERS.length} manners; ${done} of ${pairs} pairs`,
  );
}
console.log(failures === 0 ? "The bits were always those of undisturbed work." : `${failures} differences.`);
Deno.exit(failures === 0 ? 0 : 1);
