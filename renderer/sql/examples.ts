/** Queries to start from. */

export interface Example {
  readonly name: string;
  readonly sql: string;
}

export const EXAMPLES: readonly Example[] = [
  {
    name: 'What takes the time, by kind',
    sql: `SELECT kind, category, count(*) AS n,
       duration(sum(dur)) AS total, median(dur_ns) AS median_ns
FROM named_events
GROUP BY kind
ORDER BY sum(dur) DESC`,
  },
  {
    name: 'The slowest requests',
    sql: `SELECT id, bytes, round(latency_ns) AS latency_ns, first_event
FROM latencies
ORDER BY latency_ns DESC
LIMIT 50`,
  },
  {
    name: 'Latency percentiles',
    sql: `SELECT count(*) AS requests,
       percentile(latency_ns, 50) AS p50_ns, percentile(latency_ns, 90) AS p90_ns,
       percentile(latency_ns, 99) AS p99_ns, max(latency_ns) AS max_ns
FROM latencies WHERE latency_ns IS NOT NULL`,
  },
  {
    name: 'Events of the followed request',
    sql: `SELECT id, kind, track, ts, duration(dur) AS duration, bytes, n
FROM named_events
WHERE request = $request
ORDER BY id`,
  },
  {
    name: 'What runs in the visible part',
    sql: `SELECT track, kind, count(*) AS n, duration(sum(dur)) AS total, min(id) AS first_event
FROM named_events
WHERE ts BETWEEN $from AND $to
GROUP BY track, kind
ORDER BY sum(dur) DESC`,
  },
  {
    name: 'Hypercalls and their batch sizes',
    sql: `SELECT kind, n AS batch, count(*) AS calls, round(avg(dur_ns)) AS mean_ns, min(id) AS first_event
FROM hypercalls
GROUP BY kind, n
ORDER BY kind, n`,
  },
  {
    name: 'Hazards and what led to them',
    sql: `SELECT h.code, h.actor, h.frames, h.opened, h.note, c.event
FROM hazards h LEFT JOIN hazard_causes c ON c.hazard = h.id
ORDER BY h.opened, c.position`,
  },
  {
    name: 'Calls that failed',
    sql: `SELECT id, kind, track, ts, status, arg
FROM named_events
WHERE status <> 0
ORDER BY id`,
  },
  {
    name: 'Waiting, by what is waited for',
    sql: `SELECT track, kind, arg, count(*) AS n, duration(sum(dur)) AS total, max(dur_ns) AS longest_ns
FROM waits
GROUP BY track, kind, arg
ORDER BY sum(dur) DESC`,
  },
  {
    name: 'A counter over time',
    sql: `SELECT s.ts, s.value, c.unit
FROM samples s JOIN counters c ON c.id = s.counter
WHERE c.name = (SELECT name FROM counters LIMIT 1)
ORDER BY s.ts`,
  },
  {
    name: 'Lines that an import could not read',
    sql: `SELECT line, reason, text FROM warnings ORDER BY id`,
  },
  {
    name: 'Everything the file says of itself',
    sql: `SELECT key, value FROM meta ORDER BY key`,
  },
];
