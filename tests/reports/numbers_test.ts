/** Tests of numbers as text. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { spread } from "../../src/experiments/spread.ts";
import { dataTitle, listed, probability, rough, share, signed, spreadText } from "../../src/reports/numbers.ts";
import { tick } from "../../src/reports/palette.ts";

Deno.test("numbers are written as in papers", () => {
  assertEquals([share(0.07426), share(1), share(-0.001), share(0)], [".0743", "1.0000", "-.0010", ".0000"]);
  assertEquals([probability(0.00099), probability(0.0123), probability(1)], ["<.001", ".012", "1.000"]);
  assertEquals([rough(12345.6), rough(12.34), rough(0.5), rough(0.01234)], ["12,346", "12.3", "0.50", "0.012"]);
  assertEquals([tick(0), tick(0.05), tick(-0.1), tick(1), tick(0.30000000000000004)], ["0", ".05", "−.1", "1", ".3"]);
  assertEquals([spreadText(null, share), spreadText(0.5, share), spreadText(spread([0.5]), share)], [
    "–",
    ".5000",
    ".5000",
  ]);
});

Deno.test("signed() always has a sign, and listed() ends with and", () => {
  assertEquals([signed(0.123), signed(-1.5), signed(-0.0123, 4)], ["+.12", "−1.50", "−.0123"]);
  assertEquals([listed([]), listed(["a"]), listed(["a", "b", "c"])], ["", "a", "a, b and c"]);
});

Deno.test("dataTitle() says that the garden is synthetic", () => {
  assertEquals([dataTitle("garden"), dataTitle("tiktok")], ["garden (synthetic data)", "tiktok"]);
});
