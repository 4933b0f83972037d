import { sql } from "drizzle-orm";
import { check, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const notes = sqliteTable(
  "notes",
  {
    id: integer().primaryKey(),
    body: text().notNull(),
    createdAt: text("created_at").notNull().default(sql`(strftime('%Y-%m-%d %H:%M:%f', 'now'))`),
  },
  (t) => [check("notes_body", sql`length(${t.body}) BETWEEN 1 AND 1000`)],
);
