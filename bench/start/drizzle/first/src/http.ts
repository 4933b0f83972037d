import { createServer, type IncomingMessage } from "node:http";
import { DrizzleQueryError } from "drizzle-orm";
import { LibsqlError } from "@libsql/client";

export class HttpError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

export type Handler = (id: number, url: URL, request: IncomingMessage) => Promise<unknown>;

export async function readJSON(request: IncomingMessage): Promise<any> {
  let text = "";
  for await (const chunk of request) text += chunk;
  try {
    return JSON.parse(text);
  } catch (err) {
    throw new HttpError(400, `bad request: ${err}`);
  }
}

function status(err: unknown): number {
  if (err instanceof HttpError) return err.status;
  if (!(err instanceof LibsqlError)) return 500;
  if (err.extendedCode === "SQLITE_CONSTRAINT_CHECK") return 400;
  return err.code.startsWith("SQLITE_CONSTRAINT") ? 409 : 500;
}

// A route is "METHOD /path/:id/more".
export function server(routes: Record<string, Handler>) {
  return createServer(async (request, response) => {
    const url = new URL(request.url!, "http://localhost");
    const id = url.pathname.match(/\d+/)?.[0] ?? "";
    const handler = routes[`${request.method} ${url.pathname.replace(/\d+/, ":id")}`];
    try {
      if (!handler) throw new HttpError(404, "not found");
      const answer = await handler(Number(id), url, request);
      if (answer === undefined) return response.writeHead(204).end();
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answer) + "\n");
    } catch (thrown) {
      const err = thrown instanceof DrizzleQueryError ? thrown.cause : thrown;
      const code = status(err);
      if (code >= 500) console.error(err);
      response.writeHead(code).end(code >= 500 ? "error\n" : `${err}\n`);
    }
  });
}
