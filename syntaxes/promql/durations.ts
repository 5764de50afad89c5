/** Units of Prometheus durations in seconds, in the only order in which they may follow each other. */
const UNITS: readonly (readonly [string, number])[] = [
  ['y', 31_536_000],
  ['w', 604_800],
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
  ['ms', 0.001],
];

/** Durations are 64 bits of nanoseconds; more than this many seconds is out of range. */
export const MAX_DURATION_SECONDS = 9_223_372_036;

const DURATION = new RegExp(`^${UNITS.map(([unit]) => `(?:(\\d+)${unit})?`).join('')}$`);

/**
 * The seconds of a duration as Prometheus writes it (`5m`, `1h30m`, `0`), undefined for what it refuses (`5 min`, `1.5h`).
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/#configuration-file
 */
export function durationSeconds(text: string): number | undefined {
  if (text === '0') return 0;
  const match = DURATION.exec(text);
  if (!match || text === '') return undefined;
  const seconds = UNITS.reduce((sum, [, factor], index) => sum + Number(match[index + 1] ?? 0) * factor, 0);
  return seconds > MAX_DURATION_SECONDS ? undefined : seconds;
}

/** Seconds as a duration in the largest units that divide them: 5400 gives `1h30m`. */
export function durationText(seconds: number): string {
  let rest = Math.round(seconds * 1000);
  let text = '';
  // Years and weeks are left out: people write 14d.
  for (const [unit, factor] of UNITS.slice(2)) {
    const size = Math.round(factor * 1000);
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text || '0s';
}
