/**
 * A server of HTTP on loopback that answers as a test says: it may stop half way, or state a wrong length.
 *
 * @module
 */

/** An answer. The connection ends after its body. */
export interface Answer {
  /** The first line after the version: `206 Partial Content`. */
  readonly status: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The headers of a request, by their names in lower case, and its path. */
export interface Asked {
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** Runs a test with the address of a server, and stops the server. */
export async function withServer(
  answer: (asked: Asked) => Answer,
  test: (address: string) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const work = serve(listener, answer);
  try {
    await test(`http://127.0.0.1:${port}`);
  } finally {
    listener.close();
    await work;
  }
}

async function serve(listener: Deno.Listener, answer: (asked: Asked) => Answer): Promise<void> {
  for await (const connection of listener) {
    try {
      let text = "";
      const buffer = new Uint8Array(4096);
      while (!text.includes("\r\n\r\n")) {
        const count = await connection.read(buffer);
        if (count === null) break;
        text += new TextDecoder().decode(buffer.subarray(0, count));
      }
      const [first, ...lines] = text.split("\r\n\r\n")[0].split("\r\n");
      const headers = new Map(lines.map((line) => {
        const at = line.indexOf(":");
        return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
      }));
      const { status, headers: own, body } = answer({ path: first.split(" ")[1], headers });
      const head = Object.entries({ ...own, connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
      const bytes = [...new TextEncoder().encode(`HTTP/1.1 ${status}\r\n${head.join("")}\r\n`), ...body];
      for (let rest = Uint8Array.from(bytes); rest.length > 0;) rest = rest.subarray(await connection.write(rest));
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset)) throw error;
    } finally {
      connection.close();
    }
  }
}

/** Returns the answer of an honest server, which sends the part that is asked for, of a version of a file. */
export function honest(content: Uint8Array, version = '"1"'): (asked: Asked) => Answer {
  return ({ headers }) => {
    const [, from] = /^bytes=(\d+)-$/.exec(headers.get("range") ?? "") ?? [];
    const same = [undefined, version].includes(headers.get("if-range"));
    if (from === undefined || !same) {
      return { status: "200 OK", headers: { etag: version, "content-length": String(content.length) }, body: content };
    }
    const start = Number(from), length = content.length - start;
    if (length <= 0) {
      return {
        status: "416 Range Not Satisfiable",
        headers: { "content-range": `bytes */${content.length}` },
        body: NONE,
      };
    }
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    const own = { etag: version, "content-length": String(length), "content-range": range };
    return { status: "206 Partial Content", headers: own, body: content.subarray(start) };
  };
}

const NONE = new Uint8Array(0);
