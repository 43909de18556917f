/**
 * Helpers of the tests of readers: folders for one test, and the sentences of errors.
 *
 * @module
 */

/** The content of a file. */
export type Content = string | Uint8Array;

/** Runs a test on a folder that holds the given files and is gone afterwards. */
export async function withFolder<T>(files: Record<string, Content>, test: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeFile(
        `${folder}/${name}`,
        typeof content === "string" ? new TextEncoder().encode(content) : content,
      );
    }
    return await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns the name and message with which reading a folder of these files fails, the folder's path left out. */
export function refusal(
  files: Record<string, Content>,
  read: (folder: string) => Promise<unknown>,
): Promise<string> {
  return withFolder(files, async (folder) => {
    try {
      await read(folder);
    } catch (error) {
      if (error instanceof Error) {
        return `${error.name}: ${error.message.replaceAll(`${folder}/`, "").replaceAll(folder, ".")}`;
      }
      throw error;
    }
    return "nothing was refused";
  });
}
