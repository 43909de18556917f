/**
 * A simulated `navigator.gpu`.
 *
 * @module
 */

/** Runs `body` with another `navigator.gpu`. */
export async function withGpu(gpu: unknown, body: () => Promise<void>): Promise<void> {
  const kept = Object.getOwnPropertyDescriptor(navigator, "gpu");
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  try {
    await body();
  } finally {
    if (kept) Object.defineProperty(navigator, "gpu", kept);
    else Reflect.deleteProperty(navigator, "gpu");
  }
}
