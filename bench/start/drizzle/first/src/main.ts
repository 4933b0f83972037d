import "dotenv/config";
import { app } from "./app.js";

const http = await app(process.env.TURSO_DATABASE_URL ?? "file:notes.db", process.env.TURSO_AUTH_TOKEN);
http.listen(Number(process.env.PORT ?? 8000), "127.0.0.1");
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => http.close());
