/*
 * What names of metrics tell of their type. A suffix alone does not do: gauges are called `_total` and old counters `_bytes`, so a name
 * counts only where a word in it says what is counted or measured. https://prometheus.io/docs/practices/naming/
 */

/** Things that happen, which only a counter can count. */
const EVENTS =
  'requests?|req|responses?|errors?|err|failures?|failed|fails|exceptions?|panics?|crash(?:es)?|restarts?|retries|timeouts?|' +
  'drops?|dropped|discards?|discarded|rejects?|rejected|rejections?|evictions?|evicted|expired|hits|misses|lookups|calls|' +
  'queries|transactions?|commits?|rollbacks?|deadlocks|conflicts|received|sent|transmitted|receive|transmit|read|reads|written|writes|' +
  'processed|handled|completed|started|created|deleted|events?|messages?|packets?|attempts?|collisions|corruptions?|' +
  'invocations?|executions?|logins?|signups?|cancelled|canceled|aborted|throttled|killed|kills|oom|accepted|notifications?|uploads?|downloads?';

const COUNTER = new RegExp(`(?:^|_)(?:${EVENTS})(?:_(?:bytes|seconds|count|[a-z]{1,12}))?_total$`);

/** What is counted although it comes and goes: gauges whose names look like a counter's. */
const STATES =
  /(?:^|_)(?:current|active|dead|pending|open|opened|queued|idle|waiting|stored|available|used|free|max|maximum|limit|nodes|pods|replicas|shards|partitions|connections|threads|users|objects|series|entries|cluster|membership|hypervisor|quota)(?:_|$)/;

/** Whether a metric is a counter of events, judged by its name. */
export function isEventCounter(name: string | undefined): boolean {
  return name !== undefined && COUNTER.test(name) && !STATES.test(name) && !name.includes(':');
}

/** Whether a metric is a part of a histogram that only grows. */
export function isHistogramPart(name: string | undefined): boolean {
  return name !== undefined && /[a-z]_bucket$/.test(name) && !name.includes(':');
}

/** Measures that go up and down. */
const GAUGE =
  /(?:^|_)(?:(?:memory|mem|heap|rss|resident|working_set|virtual|storage|disk|filesystem|fs|volume|database|db|table|index|cache|collection|queue|buffer|pool|stack|swap|alloc|inuse|usage|used|free|avail|available|capacity|limit|size)(?:_(?:memory|heap|usage|used|free|avail|available|size|capacity|limit|max|current|rss))?_bytes|ratio|percent|percentage|pct|celsius|temperature|(?:queue|backlog)_(?:length|depth|size)|utilization|utilisation|load(?:1|5|15))$/;

/** Counters without `_total`, of times when names had no rule. */
const MOVED =
  /(?:^|_)(?:read|reads|written|writes|write|sent|received|receive|transmit|transmitted|in|out|input|output|rx|tx|recv|allocated|freed|total|count|sum|bucket|ingress|egress|upload|download|uploaded|downloaded|transferred|consumed|processed)(?:_|$)/;

/** Whether a metric is a gauge, judged by its name. */
export function isGaugeName(name: string | undefined): boolean {
  return name !== undefined && GAUGE.test(name) && !MOVED.test(name) && !name.includes(':');
}
