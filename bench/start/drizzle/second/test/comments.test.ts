import { test } from "node:test";
import { testRequests } from "./requests.js";

test("comments", () =>
  testRequests(
    ["POST", "/notes", '{"body": "Buy milk"}', 200, '"id":1'],
    ["POST", "/notes/1/comments", '{"author": "Ada", "body": "Two bottles"}', 200, '"id":1,"noteId":1'],
    ["POST", "/notes/1/comments", '{"author": "Bob", "body": "Done"}', 200, '"id":2'],
    ["GET", "/notes/1/comments", "", 200, '[{"id":1,'],
    ["GET", "/notes/1/comments?author=Bob", "", 200, '[{"id":2,'],
    ["POST", "/notes/7/comments", '{"author": "Ada", "body": "Which?"}', 409, "FOREIGN KEY"],
    ["DELETE", "/notes/1", "", 204, ""],
    ["GET", "/notes/1/comments", "", 200, "[]"],
  ));
