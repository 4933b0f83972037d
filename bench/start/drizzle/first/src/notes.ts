import { desc, eq } from "drizzle-orm";
import type { LibSQLDatabase } from "drizzle-orm/libsql";
import { HttpError, readJSON, type Handler } from "./http.js";
import { notes } from "./schema.js";

export const noteRoutes = (db: LibSQLDatabase): Record<string, Handler> => ({
  "POST /notes": async (_id, _url, request) => {
    const { body } = await readJSON(request);
    return (await db.insert(notes).values({ body }).returning())[0];
  },
  "GET /notes": () => db.select().from(notes).orderBy(desc(notes.id)).limit(100),
  "DELETE /notes/:id": async (id) => {
    const { rowsAffected } = await db.delete(notes).where(eq(notes.id, id));
    if (rowsAffected === 0) throw new HttpError(404, "no such note");
  },
});
