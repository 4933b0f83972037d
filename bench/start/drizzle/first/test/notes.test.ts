import { test } from "node:test";
import { testRequests } from "./requests.js";

test("notes", () =>
  testRequests(
    ["GET", "/notes", "", 200, "[]"],
    ["POST", "/notes", '{"body": "Buy milk"}', 200, '"id":1,"body":"Buy milk"'],
    ["POST", "/notes", '{"body": "Call Ada"}', 200, '"id":2'],
    ["GET", "/notes", "", 200, '[{"id":2,"body":"Call Ada"'],
    ["POST", "/notes", '{"body": ""}', 400, "CHECK"],
    ["POST", "/notes", "Buy milk", 400, "bad request"],
    ["DELETE", "/notes/1", "", 204, ""],
    ["DELETE", "/notes/1", "", 404, ""],
  ));
