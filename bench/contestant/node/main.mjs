// @libsql/client as a contestant, by HTTP and by WebSocket, as the URL says.
import { createClient } from '@libsql/client';
import { once } from 'node:events';
import { argv, cpuUsage, exit, hrtime, resourceUsage, stdin } from 'node:process';
import { randomBytes } from 'node:crypto';

const flags = {};
for (let i = 2; i < argv.length; i += 2) flags[argv[i].slice(1).split('=')[0]] = argv[i + 1];
const seconds = parseFloat(flags.for);
const rows = Number(flags.rows);
const seeded = Number(flags.seeded);
const run = randomBytes(4).toString('hex');

const addText = 'INSERT INTO bookmarks (url, title, notes, visits, score, created_at) VALUES (?, ?, ?, ?, ?, ?)';
const client = createClient({ url: flags.target });

function bookmark(i) {
  return [
    `https://example.com/${run}/${String(i).padStart(12, '0')}`,
    'The title of a page, of about a usual length',
    'A note on something worth to be read again, one day',
    i % 100, i / 3 + 0.1, 1_700_000_000 + i,
  ];
}

let random = 1;
async function get() {
  random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
  const id = 1 + (random >>> 8) % seeded;
  const found = await client.execute({ sql: 'SELECT * FROM bookmarks WHERE id = ?', args: [id] });
  if (found.rows.length !== 1 || Number(found.rows[0].id) !== id) throw new Error('it is not what was asked for');
}

const add = (i) => client.execute({ sql: addText, args: bookmark(i) });

async function transaction(i) {
  const tx = await client.transaction('write');
  try {
    const id = 1 + i % seeded;
    await tx.execute({ sql: 'SELECT * FROM bookmarks WHERE id = ?', args: [id] });
    await tx.execute({ sql: 'UPDATE bookmarks SET visits = visits + 1 WHERE id = ?', args: [id] });
    await tx.execute({ sql: addText, args: bookmark(i) });
    await tx.commit();
  } finally {
    tx.close();
  }
}

// One round trip.
async function sixReads() {
  const ids = Array.from({ length: rows }, () => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return 1 + (random >>> 8) % seeded;
  });
  const found = await client.batch(ids.map((id) => ({ sql: 'SELECT * FROM bookmarks WHERE id = ?', args: [id] })), 'read');
  ids.forEach((id, i) => {
    if (Number(found[i].rows[0].id) !== id) throw new Error('it is not what was asked for');
  });
}

async function insertAll(i) {
  const tx = await client.transaction('write');
  try {
    for (let k = 0; k < rows; k++) await tx.execute({ sql: addText, args: bookmark(i * rows + k) });
    await tx.commit();
  } finally {
    tx.close();
  }
}

const bulkText = `INSERT INTO bookmarks (url, title, notes, visits, score, created_at)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each(?)`;
const bulk = (i) => client.execute({ sql: bulkText, args: [JSON.stringify(Array.from({ length: rows }, (_, k) => bookmark(i * rows + k)))] });

const batch = (i) => client.batch(Array.from({ length: rows }, (_, k) => ({ sql: addText, args: bookmark(i * rows + k) })), 'write');

async function concurrent(reads) {
  await Promise.all(Array.from({ length: 16 }, async () => {
    for (let k = 0; k < reads; k++) await get();
  }));
}

async function scan() {
  const found = await client.execute({ sql: 'SELECT * FROM bookmarks ORDER BY id LIMIT ?', args: [rows] });
  if (found.rows.length !== rows) throw new Error(`${found.rows.length} rows`);
}

async function signal(what) {
  if (!('signals' in flags)) return;
  console.log(what);
  stdin.resume();
  await once(stdin, 'data');
  stdin.pause();
}

const workloads = {
  point: [get, 5, 1], insert: [add, 5, 1], tx: [transaction, 2, 1],
  'insert-tx': [insertAll, 1, 1], bulk: [bulk, 1, 1], 'six-reads': [sixReads, 5, 1], batch: [batch, 1, 1], concurrent: [(i) => concurrent(i === 0 ? 3 : 50), 1, 800], scan: [scan, 1, 1],
};

async function measure([op, warmUp, count]) {
  let i = 0;
  // The code is compiled while it runs.
  for (const until = hrtime.bigint() + 200_000_000n; i < warmUp || hrtime.bigint() < until;) await op(i++);
  await signal('start');
  const from = hrtime.bigint(), used = cpuUsage();
  let ops = 0;
  while (ops === 0 || Number(hrtime.bigint() - from) < seconds * 1e9) {
    await op(i++);
    ops += count;
  }
  const wall = Number(hrtime.bigint() - from), cpu = cpuUsage(used);
  await signal('stop');
  return { ops, wall: wall / ops, cpu: (cpu.user + cpu.system) * 1e3 / ops, peak_kib: resourceUsage().maxRSS };
}

let result;
try {
  result = await measure(workloads[flags.workload]);
  const version = await client.execute('SELECT sqlite_version() AS v');
  result.sqlite = version.rows[0].v;
} catch (err) {
  result = { ops: 0, wall: 0, cpu: 0, error: String(err.message).slice(0, 200) };
}
client.close();
console.log(JSON.stringify(result));
exit(0);
