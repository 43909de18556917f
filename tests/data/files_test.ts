/** Tests of the file layer, on the disk and in memory. @module */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { codeOf, type Files, localFiles } from "../../src/data/files.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { withFolder } from "./formats/folder.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Runs a test on an empty folder of this machine, and on an empty folder in memory. */
async function onBoth(test: (files: Files, folder: string) => Promise<void>): Promise<void> {
  await withFolder({}, (folder) => test(localFiles, folder));
  const files = memoryFiles();
  await files.makeFolder("/some/place");
  await test(files, "/some/place");
}

const code = async (work: Promise<unknown>): Promise<string | undefined> =>
  await work.then(() => "no error", (error) => codeOf(error));

Deno.test("Files read the bytes that were written, whole and by ranges", () =>
  onBoth(async (files, folder) => {
    const path = `${folder}/a`;
    await files.write(path, bytes("water"));
    await files.append(path, bytes(" lilies"));
    equal(text(await files.read(path)), "water lilies");
    equal(text(await files.readRange(path, 6, 3)), "lil");
    equal(text(await files.readRange(path, 9, 100)), "ies");
    equal((await files.readRange(path, 100, 3)).length, 0);
    await files.write(path, bytes("fog"));
    equal(text(await files.read(path)), "fog");
    await files.append(`${folder}/b`, bytes("new"));
    equal(text(await files.read(`${folder}/b`)), "new");
    await files.write(`${folder}/empty`, new Uint8Array(0));
    deepEqual(await files.read(`${folder}/empty`), new Uint8Array(0));
  }));

Deno.test("localFiles refuses devices, and reads a pipe up to a bound", async () => {
  await rejects(
    localFiles.read("/dev/zero"),
    /^FileError: Cannot read "\/dev\/zero": it is a device; name a file or a pipe$/,
  );
  await withFolder({}, async (folder) => {
    const pipe = `${folder}/pipe`;
    const made = await new Deno.Command("mkfifo", { args: [pipe] }).output();
    ok(made.success);
    const writer = new Deno.Command("sh", { args: ["-c", `head -c 3000000 /dev/zero > ${pipe}`] }).spawn();
    equal((await localFiles.read(pipe)).length, 3_000_000);
    await writer.status;
  });
});

Deno.test("Files copy the bytes that they take and return", () =>
  onBoth(async (files, folder) => {
    const path = `${folder}/a`, given = bytes("fog");
    await files.write(path, given);
    given.fill(0);
    (await files.read(path)).fill(0);
    (await files.readRange(path, 0, 2)).fill(0);
    equal(text(await files.read(path)), "fog");
  }));

Deno.test("Files list and describe entries in ascending order", () =>
  onBoth(async (files, folder) => {
    equal(await files.makeFolder(`${folder}/b/c`), true);
    equal(await files.makeFolder(`${folder}/b/c`), false);
    await files.write(`${folder}/b/x`, bytes("123"));
    await files.write(`${folder}/a`, bytes(""));
    deepEqual(await files.list(folder), [{ name: "a", kind: "file" }, { name: "b", kind: "folder" }]);
    deepEqual(await files.list(`${folder}/b`), [{ name: "c", kind: "folder" }, { name: "x", kind: "file" }]);
    deepEqual(await files.stat(`${folder}/b/x`), { kind: "file", size: 3 });
    equal((await files.stat(`${folder}/b`))?.kind, "folder");
    equal(await files.stat(`${folder}/none`), null);
    equal(await files.stat(`${folder}/a/below a file`), null);
  }));

Deno.test("Files name missing files and folders by a code", () =>
  onBoth(async (files, folder) => {
    await files.write(`${folder}/a`, bytes("a"));
    await files.makeFolder(`${folder}/b`);
    const none = `${folder}/none`;
    deepEqual(
      await Promise.all([
        code(files.read(none)),
        code(files.readRange(none, 0, 1)),
        code(files.list(none)),
        code(files.rename(none, `${folder}/c`)),
        code(files.realPath(none)),
        code(files.lock(none)),
        code(files.write(`${none}/below`, bytes("a"))),
        code(files.append(`${none}/below`, bytes("a"))),
        code(files.makeFolder(`${none}/below`, { fresh: true })),
      ]),
      Array(9).fill("ENOENT"),
    );
    equal(await code(files.read(`${folder}/b`)), "EISDIR");
    equal(await code(files.write(`${folder}/b`, bytes("a"))), "EISDIR");
    equal(await code(files.list(`${folder}/a`)), "ENOTDIR");
    equal(await code(files.makeFolder(`${folder}/a`)), "EEXIST");
    deepEqual((await files.list(folder)).map(({ name }) => name), ["a", "b"]);
  }));

Deno.test("makeFolder() with fresh returns true for one of several callers", () =>
  onBoth(async (files, folder) => {
    const results = await Promise.all([1, 2, 3].map(() => files.makeFolder(`${folder}/run`, { fresh: true })));
    equal(results.filter((made) => made).length, 1);
  }));

Deno.test("rename() and remove() apply to whole folders, and remove() accepts a missing path", () =>
  onBoth(async (files, folder) => {
    await files.makeFolder(`${folder}/a/b`);
    await files.write(`${folder}/a/b/x`, bytes("x"));
    await files.write(`${folder}/ab`, bytes("other"));
    await files.rename(`${folder}/a`, `${folder}/c`);
    equal(await files.stat(`${folder}/a`), null);
    equal(text(await files.read(`${folder}/c/b/x`)), "x");
    await files.makeFolder(`${folder}/full/of`);
    equal(await code(files.rename(`${folder}/c`, `${folder}/full`)), "ENOTEMPTY");
    await files.remove(`${folder}/a`);
    await files.remove(`${folder}/c`);
    deepEqual((await files.list(folder)).map(({ name }) => name), ["ab", "full"]);
    equal(await files.realPath(`${folder}/./ab`), `${await files.realPath(folder)}/ab`);
  }));

Deno.test("lock() refuses a second holder until it is released", () =>
  onBoth(async (files, folder) => {
    const release = await files.lock(folder);
    ok(release);
    equal(await files.lock(folder), null);
    equal(await files.lock(`${folder}/`), null);
    await release();
    await release();
    deepEqual(await files.list(folder), []);
    const again = await Promise.all([1, 2, 3].map(() => files.lock(folder)));
    equal(again.filter((release) => release).length, 1);
    await release();
    equal(await files.lock(folder), null);
  }));

Deno.test("write() that fails leaves the old file, and no other", () =>
  withFolder({ "a": "old", "b/c": "mine", "a.0.partial": "mine" }, async (folder) => {
    await localFiles.write(`${folder}/a`, bytes("new"));
    equal(await Deno.readTextFile(`${folder}/a`), "new");
    await rejects(localFiles.write(`${folder}/b`, bytes("x")));
    deepEqual((await localFiles.list(folder)).map(({ name }) => name), ["a", "a.0.partial", "b"]);
    equal(await Deno.readTextFile(`${folder}/a.0.partial`), "mine");
  }));

const MODULE = new URL("../../src/data/files.ts", import.meta.url).href;

/** Starts a process that runs a module text with `localFiles`; the folder is its first argument. */
function start(script: string, folder: string): Deno.ChildProcess {
  const source = `import { localFiles } from ${JSON.stringify(MODULE)};\nconst folder = Deno.args[0];\n${script}`;
  const url = `data:application/typescript,${encodeURIComponent(source)}`;
  return new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--no-check", url, folder], stdout: "piped" }).spawn();
}

/** Waits for the first text that a process prints. */
async function firstWord(child: Deno.ChildProcess): Promise<string> {
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return text(value ?? new Uint8Array(0)).trim();
}

Deno.test("write() that is killed leaves the old bytes or the new ones", () =>
  withFolder({}, async (folder) => {
    const sizes = [2 ** 22, 2 ** 22 + 1];
    await Deno.writeFile(`${folder}/a`, new Uint8Array(sizes[0]).fill(1));
    const child = start(
      `console.log("ready");
      for (let n = 0;; n++) await localFiles.write(folder + "/a", new Uint8Array(${
        sizes[0]
      } + n % 2).fill(1 + n % 2));`,
      folder,
    );
    await firstWord(child);
    for (let looks = 0; looks < 10; looks++) {
      const found = await localFiles.read(`${folder}/a`);
      ok(sizes.includes(found.length) && found.every((byte) => byte === 1 + found.length % 2));
    }
    child.kill("SIGKILL");
    await child.output().catch(() => {});
    const found = await localFiles.read(`${folder}/a`);
    ok(sizes.includes(found.length) && found.every((byte) => byte === 1 + found.length % 2));
  }));

Deno.test("lock() refuses the lock of a running process and takes over the lock of a killed one", () =>
  withFolder({}, async (folder) => {
    const child = start(
      `console.log(await localFiles.lock(folder) ? "locked" : "refused");
      setInterval(() => {}, 1000);`,
      folder,
    );
    equal(await firstWord(child), "locked");
    equal(await localFiles.lock(folder), null);
    child.kill("SIGKILL");
    await child.status;
    await child.stdout.cancel();
    const releases = await Promise.all([1, 2, 3].map(() => localFiles.lock(folder)));
    const [release] = releases.filter((release) => release !== null);
    equal(releases.filter((release) => release).length, 1);
    equal(text(await localFiles.read(`${folder}/lock`)), `${Deno.pid}\n`);
    await release();
    deepEqual(await localFiles.list(folder), []);
  }));

Deno.test("lock() takes over a lock with the number of this process that this process does not hold", () =>
  withFolder({ lock: `${Deno.pid}\n`, "lock.takeover": `${Deno.pid}\n` }, async (folder) => {
    ok(await localFiles.lock(folder));
    deepEqual((await localFiles.list(folder)).map(({ name }) => name), ["lock"]);
  }));

Deno.test("lock() refuses a lock file that names no process", () =>
  withFolder({ lock: "" }, async (folder) => equal(await localFiles.lock(folder), null)));
