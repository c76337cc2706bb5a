// Starts processes, waits until they answer, and stops them in reverse order.
import { spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const STOP_GRACE_MS = 45_000;
/** The ways in which a process ends on request: node, signals, and Java after SIGTERM or SIGINT. */
const ASKED_TO = new Set(['status 0', 'SIGTERM', 'SIGINT', 'status 143', 'status 130']);
const MOST_RESTARTS = 20;
/** The programs by full path, because the scripts that start a part again may run with another java on the PATH. */
const PROGRAMS = { java: process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin/java') : 'java', node: process.execPath };
/** As in the images: two arenas instead of eight for each processor, because a JVM's threads hold unused memory in each arena. */
const ENVIRONMENTS = { java: { MALLOC_ARENA_MAX: '2' } };
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Resolves after the given milliseconds. */
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Calls `ask` until its answer is truthy. `giveUp` may throw to end the wait early.
 * @returns the answer of `ask`
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

/** Fails with a readable message when a process already listens on the port. */
export function requireFreePort(port, owner) {
  return new Promise((free, taken) => {
    const probe = createServer();
    probe.once('error', () => taken(new Error(`port ${port} is taken, ${owner} needs it. Is bin/up running already?`)));
    probe.listen(port, '127.0.0.1', () => probe.close(free));
  });
}

/** Manages the processes of one run; logs go to `<directory>/<name>.log`. */
export function createProcesses(logDirectory) {
  mkdirSync(logDirectory, { recursive: true });
  const started = [];
  const logOf = (name) => join(logDirectory, `${name}.log`);
  const scriptOf = (name) => join(logDirectory, `start-${name}.sh`);
  const tail = (name) => readFileSync(logOf(name), 'utf8').trimEnd().split('\n').slice(-15).join('\n');

  /** Starts a process in its own process group, so that Ctrl-C reaches only this process, which decides the order of stopping. */
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
    // The script contains the secrets of the part.
    chmodSync(scriptOf(name), 0o700);
    return entry;
  }

  /** Returns a script with the same command, which starts a stopped part again. */
  const scriptFor = ({ command, args, env }) =>
    ['#!/bin/sh', ...Object.entries(env).map(([key, value]) => `export ${key}=${quoted(value)}`),
      `exec ${[command, ...args].map(quoted).join(' ')}`, ''].join('\n');

  const requireRunning = (entry) => {
    if (entry.ended) throw new Error(`${entry.name} ended (${entry.ended}):\n${tail(entry.name)}`);
  };

  return {
    start,
    logOf,
    /** Waits until the URL answers 2xx; fails at once when the process ends. */
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
    /** Waits for the end of a process that must end by itself. */
    async finished(entry) {
      await until(`${entry.name} ending`, () => entry.ended, { seconds: 300 });
      if (entry.ended !== 'status 0') throw new Error(`${entry.name} failed (${entry.ended}):\n${tail(entry.name)}`);
    },
    /**
     * Starts processes again that crashed or were killed, but not processes that were stopped on purpose.
     * @param say called once for each ended process
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
