import { and, eq } from "drizzle-orm";
import type { LibSQLDatabase } from "drizzle-orm/libsql";
import { readJSON, type Handler } from "./http.js";
import { comments } from "./schema.js";

export const commentRoutes = (db: LibSQLDatabase): Record<string, Handler> => ({
  "POST /notes/:id/comments": async (noteId, _url, request) => {
    const { author, body } = await readJSON(request);
    return (await db.insert(comments).values({ noteId, author, body }).returning())[0];
  },
  "GET /notes/:id/comments": (noteId, url) => {
    const author = url.searchParams.get("author");
    return db
      .select()
      .from(comments)
      .where(and(eq(comments.noteId, noteId), author ? eq(comments.author, author) : undefined))
      .orderBy(comments.id)
      .limit(100);
  },
});
