/**
 * The long run of the fuzzer: `deno task fuzz [--minutes 2] [--reader csv] [--state fuzz.json]`. Each reader has a
 * process of its own, which is stopped when it hangs. The state file keeps the number of the next mutation of each
 * reader, and a later run goes on there. Findings become files of the corpus. The lines that were covered are printed.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { allReaders } from "./readers.ts";
import { CORPUS } from "./fuzz.ts";
import { caseOf, corpusOf, failureOf } from "./fuzz.ts";

/** Seconds without a word of the process after which it hangs. */
const PATIENCE = 60;

/** The mutations of a reader so far. */
type State = Record<string, number>;

async function keep(reader: string, target: string, bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice()));
  const name = Array.from(digest.subarray(0, 5), (byte) => byte.toString(16).padStart(2, "0")).join("");
  await Deno.mkdir(new URL(`${reader}/`, CORPUS), { recursive: true });
  const path = new URL(`${reader}/${encodeURIComponent(`${encodeURIComponent(target)}--${name}`)}`, CORPUS);
  await Deno.writeFile(path, bytes);
  return decodeURIComponent(path.pathname);
}

/** Runs mutations of one reader, and prints the number of each before it is read. */
async function work(name: string, from: number, minutes: number): Promise<void> {
  const reader = (await allReaders())[name], corpus = await corpusOf(name);
  const end = performance.now() + 60_000 * minutes;
  for (let number = from; performance.now() < end; number++) {
    console.log(number);
    const found = caseOf(reader, corpus, number);
    const failure = await failureOf(reader, found);
    if (failure === null) continue;
    console.error(`${name}, mutation ${number}: ${failure.split("\n").slice(0, 4).join("\n")}`);
    console.error(`  kept as ${await keep(name, found.target, found.bytes)}`);
  }
}

/** Runs a reader in a process, and returns the number of the next mutation. */
async function supervised(name: string, from: number, minutes: number, coverage: string): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      `--coverage=${coverage}`,
      new URL(import.meta.url).pathname,
      "--work",
      name,
      String(from),
      String(minutes),
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let last = from - 1;
  let silence: ReturnType<typeof setTimeout>;
  const stop = () => {
    silence = setTimeout(() => child.kill("SIGKILL"), 1000 * PATIENCE);
  };
  silence = setTimeout(() => child.kill("SIGKILL"), 2000 * PATIENCE);
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    clearTimeout(silence);
    stop();
    last = Number(part.trimEnd().split("\n").at(-1)) || last;
  }
  clearTimeout(silence);
  const { success } = await child.status;
  if (!success) {
    const reader = (await allReaders())[name];
    const { target, bytes } = caseOf(reader, await corpusOf(name), last);
    console.error(`${name}, mutation ${last}: the process hung or died; kept as ${await keep(name, target, bytes)}`);
  }
  return last + 1;
}

async function main(words: readonly string[]): Promise<void> {
  if (words[0] === "--work") return await work(words[1], Number(words[2]), Number(words[3]));
  const option = (name: string, otherwise: string) => words[words.indexOf(name) + 1 || words.length] ?? otherwise;
  const path = option("--state", "fuzz.json"),
    minutes = Number(option("--minutes", "2")),
    only = option("--reader", "");
  const state: State = JSON.parse(await Deno.readTextFile(path).catch(() => "{}"));
  const coverage = await Deno.makeTempDir();
  for (const name of Object.keys(await allReaders())) {
    if (only !== "" && only !== name) continue;
    const from = state[name] ?? 100;
    state[name] = await supervised(name, from, minutes, coverage);
    await Deno.writeTextFile(path, JSON.stringify(state, null, 2));
    console.log(`${name}: ${state[name] - from} mutations, ${state[name]} in all`);
  }
  await new Deno.Command(Deno.execPath(), { args: ["coverage", coverage, "--include=src/data/"] }).spawn().status;
  await Deno.remove(coverage, { recursive: true });
}

await main(Deno.args);
