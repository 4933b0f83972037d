// SQLite itself, called from C, as a contestant: the limit of what is possible. Each
// statement is compiled once. What others return as a slice is copied into memory of
// its own, text by text.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "sqlite3.h"

enum { readers = 8 };

static const char *path;
static double seconds = 1;
static int rows = 1, seeded = 10000, cache_mb, rate, wide;
static unsigned run;

static const char get_text[] = "SELECT id, url, title, notes, visits, score, created_at FROM bookmarks WHERE id = ?";
static const char add_text[] = "INSERT INTO bookmarks (url, title, notes, visits, score, created_at) VALUES (?, ?, ?, ?, ?, ?)";
static const char list_text[] = "SELECT id, url, title, notes, visits, score, created_at FROM bookmarks ORDER BY id LIMIT ?";
static const char tagged_text[] = "SELECT b.id, b.url, b.title, t.name AS tag FROM bookmarks AS b JOIN tags AS t ON t.bookmark_id = b.id WHERE b.id >= ? ORDER BY b.id LIMIT ?";

static void fail(const char *format, ...) {
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    printf("{\"ops\":0,\"wall\":0,\"cpu\":0,\"error\":\"%s\"}\n", text);
    exit(0);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static double cpu(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e9 + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e3;
}

static sqlite3 *open_db(void) {
    sqlite3 *db;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        fail("open: %s", sqlite3_errmsg(db));
    sqlite3_busy_timeout(db, 5000);
    if (sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
                         "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864", NULL, NULL, NULL) != SQLITE_OK)
        fail("settings: %s", sqlite3_errmsg(db));
    char cache[64];
    snprintf(cache, sizeof cache, "PRAGMA cache_size = -%d", cache_mb * 1000);
    if (cache_mb && sqlite3_exec(db, cache, NULL, NULL, NULL) != SQLITE_OK) fail("settings: %s", sqlite3_errmsg(db));
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *text) {
    sqlite3_stmt *s;
    if (sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) != SQLITE_OK)
        fail("prepare: %s", sqlite3_errmsg(db));
    return s;
}

static volatile long seen; // so that no value is left unread

static long look(sqlite3_stmt *s) {
    long sum = 0;
    int n = sqlite3_column_count(s);
    for (int i = 0; i < n; i++)
        switch (sqlite3_column_type(s, i)) {
        case SQLITE_INTEGER: sum += sqlite3_column_int64(s, i); break;
        case SQLITE_FLOAT: sum += (long)sqlite3_column_double(s, i); break;
        case SQLITE_TEXT: sum += sqlite3_column_text(s, i)[0] + sqlite3_column_bytes(s, i); break;
        }
    return sum;
}

static int count_rows(sqlite3 *db, sqlite3_stmt *s) {
    int n = 0, rc;
    long sum = 0;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        sum += look(s);
        n++;
    }
    if (rc != SQLITE_DONE) fail("read: %s", sqlite3_errmsg(db));
    sqlite3_reset(s);
    seen += sum;
    return n;
}

// A row of either of the queries that return some.
struct row {
    long id;
    char *url, *title, *last; // the last is the notes, or the tag
    long visits, created_at;
    double score;
};

static char *text(sqlite3_stmt *s, int i) {
    const unsigned char *p = sqlite3_column_text(s, i);
    if (!p) return NULL;
    int n = sqlite3_column_bytes(s, i);
    return memcpy(malloc(n + 1), p, n + 1);
}

static int keep_rows(sqlite3 *db, sqlite3_stmt *s) {
    int n = 0, room = 0, rc;
    int whole = sqlite3_column_count(s) > 4;
    struct row *all = NULL;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        if (n == room) all = realloc(all, (room = room ? 2 * room : 1) * sizeof *all);
        struct row *r = &all[n++];
        r->id = sqlite3_column_int64(s, 0);
        r->url = text(s, 1);
        r->title = text(s, 2);
        r->last = text(s, 3);
        if (!whole) continue;
        r->visits = sqlite3_column_int64(s, 4);
        r->score = sqlite3_column_double(s, 5);
        r->created_at = sqlite3_column_int64(s, 6);
    }
    if (rc != SQLITE_DONE) fail("read: %s", sqlite3_errmsg(db));
    sqlite3_reset(s);
    for (int i = 0; i < n; i++) {
        free(all[i].url);
        free(all[i].title);
        free(all[i].last);
    }
    free(all);
    return n;
}

static void get(sqlite3 *db, sqlite3_stmt *s, unsigned *random) {
    *random = *random * 1664525u + 1013904223u;
    sqlite3_bind_int64(s, 1, 1 + (*random >> 8) % seeded);
    if (keep_rows(db, s) != 1) fail("no such row");
}

static void add(sqlite3 *db, sqlite3_stmt *s, long i) {
    char url[64];
    int n = snprintf(url, sizeof url, "https://example.com/%08x/%012ld", run, i);
    static const char title[] = "The title of a page, of about a usual length";
    static const char note[] = "A note on something worth to be read again, one day";
    static char wide_note[8 * 44 + 1];
    if (wide && !wide_note[0])
        for (int k = 0; k < 8; k++) memcpy(wide_note + 44 * k, "A note on something worth to be read again. ", 44);
    sqlite3_bind_text(s, 1, url, n, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, title, sizeof title - 1, SQLITE_STATIC);
    sqlite3_bind_text(s, 3, wide ? wide_note : note, (wide ? sizeof wide_note : sizeof note) - 1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 4, i % 100);
    sqlite3_bind_double(s, 5, i / 3.0);
    sqlite3_bind_int64(s, 6, 1700000000 + i);
    if (sqlite3_step(s) != SQLITE_DONE) fail("insert: %s", sqlite3_errmsg(db));
    sqlite3_reset(s);
}

static void exec(sqlite3 *db, const char *text) {
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) fail("%s: %s", text, sqlite3_errmsg(db));
}

// What the workloads work on.
static sqlite3 *db;
static sqlite3_stmt *get_s, *add_s, *list_s, *tagged_s;
static unsigned random_state = 1;
static long next;

static void point(void) { get(db, get_s, &random_state); }
static void insert(void) { add(db, add_s, next++); }

static void insert_tx(void) {
    exec(db, "BEGIN IMMEDIATE");
    for (int i = 0; i < rows; i++) add(db, add_s, next++);
    exec(db, "COMMIT");
}

static void scan(void) {
    sqlite3_bind_int64(list_s, 1, rows);
    if (keep_rows(db, list_s) != rows) fail("too few rows");
}

static void iterate(void) {
    sqlite3_bind_int64(list_s, 1, -1);
    if (count_rows(db, list_s) != seeded) fail("too few rows");
}

static void open_and_read(void) {
    sqlite3 *own = open_db();
    sqlite3_stmt *s = prepare(own, get_text);
    get(own, s, &random_state);
    sqlite3_finalize(s);
    sqlite3_close(own);
}

static void join(void) {
    random_state = random_state * 1664525u + 1013904223u;
    sqlite3_bind_int64(tagged_s, 1, 1 + (random_state >> 8) % (seeded - rows));
    sqlite3_bind_int64(tagged_s, 2, rows);
    if (keep_rows(db, tagged_s) != rows) fail("too few rows");
}

// peak returns the most memory that was held, in KiB.
static long peak(void) {
    char line[200];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status)) sscanf(line, "VmHWM: %ld", &kib);
    if (status) fclose(status);
    return kib;
}

static void measure(void (*op)(void), int warm_up, int few) {
    for (int i = 0; i < warm_up; i++) op();
    double from = now(), used = cpu();
    long ops = 0;
    while (ops == 0 || now() < from + seconds * 1e9) {
        for (int i = 0; i < few; i++) op();
        ops += few;
    }
    printf("{\"ops\":%ld,\"wall\":%f,\"cpu\":%f,\"peak_kib\":%ld,\"sqlite\":\"%s\"}\n",
           ops, (now() - from) / ops, (cpu() - used) / ops, peak(), sqlite3_libversion());
}

struct reader {
    pthread_t thread;
    unsigned random;
    double end;
    float *times;
    long n, room;
};

static void *read_all(void *p) {
    struct reader *r = p;
    sqlite3 *own = open_db();
    sqlite3_stmt *s = prepare(own, get_text);
    for (double before = now(); before < r->end;) {
        get(own, s, &r->random);
        double after = now();
        if (r->n == r->room) r->times = realloc(r->times, (r->room = r->room ? 2 * r->room : 1 << 16) * sizeof(float));
        r->times[r->n++] = after - before;
        before = after;
    }
    return NULL;
}

static int by_time(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void mixed(void) {
    struct reader all[readers] = {0};
    double from = now(), used = cpu();
    for (int i = 0; i < readers; i++) {
        all[i].random = i + 1;
        all[i].end = from + seconds * 1e9;
        pthread_create(&all[i].thread, NULL, read_all, &all[i]);
    }
    long writes = 0, n = 0, room = 0;
    float *write_times = NULL;
    for (;; writes++) {
        double planned = now();
        if (rate) {
            planned = from + writes * 1e9 / rate;
            double rest = planned - now();
            if (rest > 0) nanosleep(&(struct timespec){rest / 1e9, (long)rest % 1000000000}, NULL);
        }
        if (planned >= from + seconds * 1e9 || now() >= from + seconds * 1e9) break;
        insert();
        if (writes == room) write_times = realloc(write_times, (room = room ? 2 * room : 1 << 16) * sizeof(float));
        write_times[writes] = now() - planned;
    }
    for (int i = 0; i < readers; i++) {
        pthread_join(all[i].thread, NULL);
        n += all[i].n;
    }
    double passed = now() - from;
    used = cpu() - used;
    float *times = malloc(n * sizeof(float)), *at = times;
    for (int i = 0; i < readers; i++) at = mempcpy(at, all[i].times, all[i].n * sizeof(float));
    qsort(times, n, sizeof(float), by_time);
    qsort(write_times, writes, sizeof(float), by_time);
    printf("{\"ops\":%ld,\"wall\":%f,\"cpu\":%f,\"reads\":%f,\"writes\":%f,\"p50\":%f,\"p99\":%f,"
           "\"write_p50\":%f,\"write_p99\":%f,\"peak_kib\":%ld,\"sqlite\":\"%s\"}\n",
           n, passed / n, used / n, n / passed * 1e9, writes / passed * 1e9, times[n / 2], times[n * 99 / 100],
           write_times[writes / 2], write_times[writes * 99 / 100], peak(), sqlite3_libversion());
}

int main(int argc, char **argv) {
    const char *workload = "";
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i] + 1, *value = argv[i + 1];
        if (!strcmp(name, "workload")) workload = value;
        else if (!strcmp(name, "target")) path = value;
        else if (!strcmp(name, "for")) seconds = atof(value);
        else if (!strcmp(name, "rows")) rows = atoi(value);
        else if (!strcmp(name, "seeded")) seeded = atoi(value);
        else if (!strcmp(name, "cache")) cache_mb = atoi(value);
        else if (!strcmp(name, "rate")) rate = atoi(value);
        else if (!strcmp(name, "notes")) wide = !strcmp(value, "wide");
        else if (strcmp(name, "way")) fail("unknown flag");
    }
    run = getpid() * 2654435761u ^ (unsigned)time(NULL);
    db = open_db();
    get_s = prepare(db, get_text);
    add_s = prepare(db, add_text);
    list_s = prepare(db, list_text);
    tagged_s = prepare(db, tagged_text);
    if (!strcmp(workload, "point") || !strcmp(workload, "point-ctx")) measure(point, 20, 16);
    else if (!strcmp(workload, "insert")) measure(insert, 5, 1);
    else if (!strcmp(workload, "insert-tx") || !strcmp(workload, "bulk")) {
        int all = rows;
        rows = 10;
        insert_tx();
        rows = all;
        measure(insert_tx, 0, 1);
    } else if (!strcmp(workload, "scan")) measure(scan, 1, 1);
    else if (!strcmp(workload, "join")) measure(join, 5, 4);
    else if (!strcmp(workload, "iterate")) measure(iterate, 0, 1);
    else if (!strcmp(workload, "open")) measure(open_and_read, 2, 1);
    else if (!strcmp(workload, "mixed") || !strcmp(workload, "mixed-rate")) mixed();
    else fail("no such workload");
}
