import { drizzle } from "drizzle-orm/libsql";
import { migrate } from "drizzle-orm/libsql/migrator";
import { server } from "./http.js";
import { noteRoutes } from "./notes.js";

export async function app(url: string, authToken?: string) {
  const db = drizzle({ connection: { url, authToken } });
  await migrate(db, { migrationsFolder: "./drizzle" });
  return server({ ...noteRoutes(db) });
}
