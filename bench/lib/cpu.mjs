// Measures how much of the processors each group of processes uses, and all other processes on the machine. Linux only (/proc);
// on other systems there are no figures.
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** Returns for every process its parent, and the clock ticks used by the process and by its children that ended. */
function processTable() {
  const table = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const line = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
      const [utime, stime, childUtime, childStime] = fields.slice(11, 15).map(Number);
      table.set(Number(name), { parent: Number(fields[1]), ticks: utime + stime, children: childUtime + childStime });
    } catch {
      // The process ended during the read.
    }
  }
  return table;
}

/** Returns the ticks of a process and all processes below it, including processes that ended. */
function treeTicks(table, root) {
  let ticks = 0;
  for (const [pid, { ticks: own, children }] of table) {
    let at = pid;
    while (at && at !== root) at = table.get(at)?.parent;
    // An ended process is counted by its parent, so the root counts its own ended children.
    if (at === root) ticks += own + children;
  }
  return ticks;
}

function busyTicks() {
  const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0].trim().split(/\s+/).slice(1).map(Number);
  return user + nice + system + irq + softirq;
}

/**
 * Starts the measurement.
 * @param {Record<string, number[]>} groups roots of process trees by name; trees must not overlap
 * @returns a function that returns the processors used since then, by group, with `generator` for this process and `others`
 */
export function watchProcessors(groups) {
  if (process.platform !== 'linux') return () => ({});
  const look = () => {
    const table = processTable();
    const ticks = Object.fromEntries(Object.entries(groups).map(([name, roots]) => [name, roots.reduce((sum, root) => sum + treeTicks(table, root), 0)]));
    return { at: performance.now(), busy: busyTicks(), ticks: { ...ticks, generator: table.get(process.pid).ticks } };
  };
  const before = look();
  return () => {
    const after = look();
    const seconds = (after.at - before.at) / 1000;
    const used = (ticks) => Math.max(0, ticks / TICKS_PER_SECOND / seconds);
    const processors = Object.fromEntries(Object.keys(after.ticks).map((name) => [name, used(after.ticks[name] - before.ticks[name])]));
    const ours = Object.values(processors).reduce((sum, share) => sum + share, 0);
    return { ...processors, others: Math.max(0, used(after.busy - before.busy) - ours) };
  };
}

/** Returns the resident memory of a process in MB; undefined on a system without this figure. */
export const residentMegabytes = (pid) => megabytes(pid, 'VmRSS');

/** Returns the peak of a process's resident memory in MB; undefined on a system without this figure. */
export const peakMegabytes = (pid) => megabytes(pid, 'VmHWM');

function megabytes(pid, name) {
  try {
    return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]) / 1024;
  } catch {
    return undefined;
  }
}
