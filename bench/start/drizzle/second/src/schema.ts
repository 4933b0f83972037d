import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const notes = sqliteTable(
  "notes",
  {
    id: integer().primaryKey(),
    body: text().notNull(),
    createdAt: text("created_at").notNull().default(sql`(strftime('%Y-%m-%d %H:%M:%f', 'now'))`),
  },
  (t) => [check("notes_body", sql`length(${t.body}) BETWEEN 1 AND 1000`)],
);

export const comments = sqliteTable(
  "comments",
  {
    id: integer().primaryKey(),
    noteId: integer("note_id").notNull().references(() => notes.id, { onDelete: "cascade" }),
    author: text().notNull(),
    body: text().notNull(),
    createdAt: text("created_at").notNull().default(sql`(strftime('%Y-%m-%d %H:%M:%f', 'now'))`),
  },
  (t) => [check("comments_body", sql`length(${t.body}) > 0`), index("comments_by_note").on(t.noteId)],
);
