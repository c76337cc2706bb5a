/** Returns the value below which `fraction` of the values lie (nearest rank). Does not change `values`. */
export function percentile(values, fraction) {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(fraction * sorted.length) - 1))];
}

export const median = (values) => percentile(values, 0.5);

/** Rounds for people: three significant digits below 1000, whole numbers above. */
export function round(value) {
  if (!Number.isFinite(value)) return value;
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}

/** Combines the runs of one system: the median of each number that all runs have. */
export function medianOf(runs) {
  const numeric = Object.keys(runs[0]).filter((key) => runs.every((run) => typeof run[key] === 'number'));
  return Object.fromEntries(numeric.map((key) => [key, median(runs.map((run) => run[key]))]));
}
