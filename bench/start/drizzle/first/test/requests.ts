import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { app } from "../src/app.js";

// Sends requests, one after the other: method, path, body, wanted status, a part of the wanted body.
export async function testRequests(...requests: [string, string, string, number, string][]) {
  const http = await app(`file:${mkdtempSync("/tmp/notes-")}/test.db`);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  try {
    for (const [method, path, body, status, part] of requests) {
      const response = await fetch(base + path, { method, body: body || undefined });
      const text = await response.text();
      assert.equal(response.status, status, `${method} ${path}: ${text}`);
      assert.ok(text.includes(part), `${method} ${path}: ${text}`);
    }
  } finally {
    http.closeAllConnections();
    http.close();
  }
}
