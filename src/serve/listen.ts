/**
 * Listening for requests: addresses, bounds of connections, and an end that finishes the requests in flight.
 *
 * @module
 */
import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { ValueError } from "../../kernels/errors.ts";
import type { App } from "./app.ts";
import type { Limits } from "./limits.ts";

/** An address that is listened to. */
export interface Listening {
  readonly port: number;
  /** Takes no more connections, and finishes the requests in flight; after some seconds they are cut off. */
  readonly close: () => Promise<void>;
}

/**
 * Listens for requests.
 *
 * @throws {ValueError} if the address cannot be listened to.
 */
export async function listen(
  app: App,
  { host, port }: { readonly host: string; readonly port: number },
  limits: Limits,
): Promise<Listening> {
  const milliseconds = 1000 * limits.seconds;
  const options = {
    headersTimeout: milliseconds,
    requestTimeout: milliseconds,
    connectionsCheckingInterval: Math.min(1000, milliseconds / 2),
    keepAliveTimeout: milliseconds,
    maxHeaderSize: limits.headers,
  };
  const answer = getRequestListener(app, { overrideGlobalObjects: false });
  /** The requests in flight of each connection. */
  const sockets = new Map<Socket, number>();
  let ending = false;
  const server = createServer(options, (request, response) => {
    const { socket } = request;
    const count = (change: number) => sockets.has(socket) && sockets.set(socket, sockets.get(socket)! + change);
    count(1);
    response.once("close", () => {
      count(-1);
      if (ending && sockets.get(socket) === 0) socket.end();
    });
    return answer(request, response);
  });
  server.on("connection", (socket) => {
    sockets.set(socket, 0);
    socket.once("close", () => sockets.delete(socket));
  });
  server.maxConnections = limits.connections;
  // A client that does not read its answer loses the connection.
  server.setTimeout(2 * milliseconds, (socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: Error) => {
      reject(new ValueError(`Cannot listen on ${host} port ${port}: ${cause.message}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const close = () => {
    ending = true;
    return ended(server, sockets, milliseconds);
  };
  return { port: (server.address() as { readonly port: number }).port, close };
}

/** Ends idle connections at once, connections with requests in flight after these, and all after some time. */
async function ended(server: Server, sockets: ReadonlyMap<Socket, number>, milliseconds: number): Promise<void> {
  const last = setTimeout(() => server.closeAllConnections(), milliseconds);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    for (const [socket, requests] of sockets) if (requests === 0) socket.end();
  });
  clearTimeout(last);
}
