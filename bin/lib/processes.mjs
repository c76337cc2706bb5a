// Starts processes, waits until they answer, and stops them in reverse order.
import { spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const STOP_GRACE_MS = 45_000;
/** The ways in which a process ends after somebody asked it to: node, signals, and Java after SIGTERM or SIGINT. */
const ASKED_TO = new Set(['status 0', 'SIGTERM', 'SIGINT', 'status 143', 'status 130']);
const MOST_RESTARTS = 20;
/** By their full names: the scripts that start a part again run where another java may be on the PATH. */
const PROGRAMS = { java: process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin/java') : 'java', node: process.execPath };
/** As in the images: instead of eight arenas for each processor, in which a JVM's own threads keep memory from each other. */
const ENVIRONMENTS = { java: { MALLOC_ARENA_MAX: '2' } };
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Resolves after so many milliseconds. */
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Asks until the answer is truthy. `giveUp` may throw to end the waiting early.
 * @returns what `ask` answered
 */
export async function until(what, ask, { seconds = 60, giveUp = () => {} } = {}) {
  const deadline = Date.now() + seconds * 1000;
  let problem = '';
  while (Date.now() < deadline) {
    giveUp();
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      problem = error.cause?.code ?? error.message;
    }
    await pause(200);
  }
  throw new Error(`${what} did not happen within ${seconds} s${problem ? ` (${problem})` : ''}`);
}

/** Fails with a readable message when something listens on the port already. */
export function requireFreePort(port, owner) {
  return new Promise((free, taken) => {
    const probe = createServer();
    probe.once('error', () => taken(new Error(`port ${port} is taken, ${owner} needs it. Is bin/up running already?`)));
    probe.listen(port, '127.0.0.1', () => probe.close(free));
  });
}

/** The processes of one run; logs go to `<directory>/<name>.log`. */
export function createProcesses(logDirectory) {
  mkdirSync(logDirectory, { recursive: true });
  const started = [];
  const logOf = (name) => join(logDirectory, `${name}.log`);
  const scriptOf = (name) => join(logDirectory, `start-${name}.sh`);
  const tail = (name) => readFileSync(logOf(name), 'utf8').trimEnd().split('\n').slice(-15).join('\n');

  /** Starts a process in a group of its own, so that Ctrl-C reaches only us and we decide who stops first. */
  function start(name, program, args, given = {}, restarts = 0) {
    const command = PROGRAMS[program] ?? program;
    const env = { ...ENVIRONMENTS[program], ...given };
    const log = openSync(logOf(name), restarts ? 'a' : 'w');
    const child = spawn(command, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env }, detached: true });
    closeSync(log);
    const entry = { name, command, args, env, child, restarts, ended: undefined };
    child.once('error', (error) => (entry.ended ??= error.message));
    child.once('exit', (code, signal) => (entry.ended ??= signal ?? `status ${code}`));
    started.push(entry);
    writeFileSync(scriptOf(name), scriptFor(entry));
    // The script names the secrets that the part was given.
    chmodSync(scriptOf(name), 0o700);
    return entry;
  }

  /** A script with the same command, to start a part again that somebody stopped. */
  const scriptFor = ({ command, args, env }) =>
    ['#!/bin/sh', ...Object.entries(env).map(([key, value]) => `export ${key}=${quoted(value)}`),
      `exec ${[command, ...args].map(quoted).join(' ')}`, ''].join('\n');

  const requireRunning = (entry) => {
    if (entry.ended) throw new Error(`${entry.name} ended (${entry.ended}):\n${tail(entry.name)}`);
  };

  return {
    start,
    logOf,
    /** Waits until the url answers 2xx; fails at once when the process ends. */
    healthy: (entry, url) =>
      until(`${entry.name} answering on ${url}`, async () => (await fetch(url)).ok, {
        seconds: 120,
        giveUp: () => requireRunning(entry),
      }),
    /** Waits until the process has written the text. */
    said: (entry, text) =>
      until(`${entry.name} saying "${text}"`, () => readFileSync(logOf(entry.name), 'utf8').includes(text), {
        seconds: 120,
        giveUp: () => requireRunning(entry),
      }),
    /** Waits for the end of a process that is meant to end. */
    async finished(entry) {
      await until(`${entry.name} ending`, () => entry.ended, { seconds: 300 });
      if (entry.ended !== 'status 0') throw new Error(`${entry.name} failed (${entry.ended}):\n${tail(entry.name)}`);
    },
    /**
     * Starts processes again that crashed or were killed, and leaves alone those that somebody stopped on purpose.
     * @param say told once about each
     */
    lookAfter(say) {
      for (const entry of started.filter(({ ended }) => ended)) {
        started.splice(started.indexOf(entry), 1);
        if (entry.name === 'migrations') continue;
        if (ASKED_TO.has(entry.ended)) {
          say(`${entry.name} was stopped; ${scriptOf(entry.name)} starts it again`);
        } else if (entry.name === 'postgres' || entry.restarts >= MOST_RESTARTS) {
          throw new Error(`${entry.name} ended (${entry.ended}):\n${tail(entry.name)}`);
        } else {
          say(`${entry.name} ended (${entry.ended}), starting it again`);
          start(entry.name, entry.command, entry.args, entry.env, entry.restarts + 1);
        }
      }
    },
    async stopAll() {
      for (const { child, ended } of started.splice(0).reverse()) {
        if (ended) continue;
        const gone = new Promise((exit) => child.once('exit', exit));
        child.kill('SIGTERM');
        const hard = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
        await gone;
        clearTimeout(hard);
      }
    },
  };
}
