/**
 * Tests of the page of `examples/browser` in headless Chromium: it trains on both devices, and shows the results.
 *
 * The variable `CHROMIUM` has the path of Chromium; by default it is searched by its usual names. Without it the test
 * is skipped.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import type { Browser, Page } from "playwright-core";
import { build, serve, type ServeOptions, type Site } from "../examples/browser/serve.ts";

/** A garden small enough for a processor that emulates a GPU. */
const GARDEN = { users: 80, items: 60, epochs: 3 };
const SWITCHES = ["--no-sandbox", "--enable-unsafe-webgpu"];
const PATIENCE = 60_000;

const chromium = find();
if (chromium === null) console.log("The test of examples/browser is left out: there is no Chromium here");

Deno.test({
  name: "examples/browser trains in Chromium, and shows recommendations",
  ignore: chromium === null,
  fn: async (t) => {
    const site = await build();
    const { chromium: launcher } = await import("playwright-core");
    const launch = (args: string[]) => launcher.launch({ executablePath: chromium!, args, timeout: PATIENCE });
    let [browser, bare]: Browser[] = [];
    try {
      [browser, bare] = await Promise.all([launch(SWITCHES), launch(SWITCHES.slice(0, 1))]);
      let losses: readonly number[] = [];

      await t.step("on WebAssembly, on threads", async () => {
        await withPage(site, browser, {}, async (page, requested) => {
          losses = await trained(page, "WebAssembly");
          const threads = await page.evaluate<number>("navigator.hardwareConcurrency");
          assertMatch(await status(page), new RegExp(`^WebAssembly.*, ${threads} threads?\\.`));
          assert(!requested.some((file) => file.includes("gpu")), "gpu.js was fetched without WebGPU");

          const [before, history] = [await pictures(page, "recommended"), await pictures(page, "history")];
          await page.locator("#next").click();
          assert(before.join() !== (await pictures(page, "recommended")).join(), "another visitor is shown the same");
          assert(history.join() !== (await pictures(page, "history")).join(), "another visitor liked the same");
        });
      });

      await t.step("on WebGPU, with the same losses", async () => {
        await withPage(site, browser, {}, async (page, requested) => {
          const here = await trained(page, "WebGPU");
          if (/^No WebGPU|^This runtime/.test(await status(page))) {
            console.log(`WebGPU was left out: ${await status(page)}`);
            return;
          }
          assertMatch(await status(page), /^gpu\.js on /);
          assert(requested.some((file) => file.includes("gpu")), "gpu.js was not fetched");
          here.forEach((loss, n) => assert(Math.abs(loss - losses[n]) < 2e-3, `epoch ${n}: ${loss}, not ${losses[n]}`));
        });
      });

      await t.step("on one thread without WebGPU and isolation, with a note", async () => {
        await withPage(site, bare, { isolated: false }, async (page) => {
          assertEquals(await trained(page, "WebGPU"), losses);
          assertMatch(
            await status(page),
            /^No WebGPU adapter answers, so the processor computes: WebAssembly.*, 1 thread\. Threads need/,
          );
        });
      });
    } finally {
      await Promise.all([browser?.close(), bare?.close()]);
    }
  },
});

/** Opens the page, and fails if it logs an error or a warning. */
async function withPage(
  site: Site,
  browser: Browser,
  options: ServeOptions,
  use: (page: Page, requested: readonly string[]) => Promise<void>,
): Promise<void> {
  const server = serve(site, options);
  const [complaints, requested]: string[][] = [[], []];
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requested.push(request.url()));
  try {
    const query = new URLSearchParams(Object.entries(GARDEN).map(([name, value]) => [name, String(value)]));
    await page.goto(`http://localhost:${server.addr.port}/?${query}`);
    await use(page, requested);
    assertEquals(complaints, []);
  } finally {
    await page.close();
    await server.shutdown();
  }
}

/** Trains on a device, checks the page afterwards, and returns the mean loss of every epoch. */
async function trained(page: Page, machine: string): Promise<readonly number[]> {
  await page.getByLabel(machine).check();
  await page.getByRole("button", { name: "Start" }).click();
  const again = page.getByRole("button", { name: "Start again" });
  await Promise.race([again.waitFor(), page.locator("body[data-state=failed]").waitFor()]);
  assertEquals(await page.locator("body").getAttribute("data-state"), "ready", await status(page));

  // Columns of the table: epochs, loss, recall@20, ms per step. The first row is before the first step.
  const rows = await page.locator("#table tr").all();
  const table = await Promise.all(rows.map((row) => row.locator("td").allTextContents()));
  assertEquals(table.map(([epochs]) => Number(epochs)), Array.from({ length: GARDEN.epochs + 1 }, (_, n) => n));
  const losses = table.slice(1).map(([, loss]) => Number(loss));
  assert(losses[0] < 0.7 && losses.at(-1)! < losses[0] - 0.01, `the loss did not fall: ${losses}`);
  assert(table.every(([, , recall]) => Number(recall) > 0 && Number(recall) <= 1));
  for (const plot of ["loss-plot", "recall-plot"]) {
    assert(((await page.locator(`#${plot} path.bold`).getAttribute("d")) ?? "").includes("L"), `${plot} is empty`);
  }

  const shown = await pictures(page, "recommended");
  assertEquals([shown.length, new Set(shown).size], [12, 12]);
  assert((await pictures(page, "history")).every((picture) => !shown.includes(picture)), "a known picture is shown");
  return losses;
}

/** Returns the addresses of the pictures on a wall, once they are painted. */
async function pictures(page: Page, wall: string): Promise<readonly string[]> {
  const images = page.locator(`#${wall} img`);
  await images.first().waitFor();
  await page.waitForFunction(`[...document.querySelectorAll("#${wall} img")].every((i) => i.naturalWidth === 32)`);
  return await Promise.all((await images.all()).map(async (image) => (await image.getAttribute("src"))!));
}

async function status(page: Page): Promise<string> {
  return (await page.locator("#status").textContent())!;
}

/** Returns the path of Chromium; `null` without one. */
function find(): string | null {
  const named = Deno.env.get("CHROMIUM");
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const candidates = named ? [named] : names.flatMap((name) => folders.map((folder) => `${folder}/${name}`));
  return candidates.find(exists) ?? null;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
