import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BufferJSON, Curve, type KeyPair } from 'baileys';

/** The keys that the server must keep secret and unchanged over restarts. */
export interface ServerKeys {
  /** Signs the certificates that clients check. */
  root: KeyPair;
  /** Signs and encrypts CDN links. */
  linkSecret: Buffer;
}

export const newServerKeys = (): ServerKeys => ({
  root: Curve.generateKeyPair(),
  linkSecret: randomBytes(32),
});

/** Reads the keys from the directory, or creates them there. */
export function loadServerKeys(directory: string): ServerKeys {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'keys.json');
  if (existsSync(file)) {
    return JSON.parse(readFileSync(file, 'utf8'), BufferJSON.reviver) as ServerKeys;
  }
  const keys = newServerKeys();
  const plain = {
    root: { private: Buffer.from(keys.root.private), public: Buffer.from(keys.root.public) },
    linkSecret: keys.linkSecret,
  };
  replaceFile(file, JSON.stringify(plain, BufferJSON.replacer));
  return keys;
}

/**
 * A table in a file. Each change of a record appends one JSON line, and the last line of a key is its state. A kill
 * during a write costs only that record. Reading the file compacts it.
 */
export class RecordFile<T> {
  constructor(
    private readonly file: string,
    private readonly keyOf: (record: T) => string,
  ) {}

  load(): T[] {
    if (!existsSync(this.file)) {
      return [];
    }
    const records = new Map<string, T>();
    for (const line of readFileSync(this.file, 'utf8').split('\n')) {
      const record = parseLine<T>(line);
      if (record !== undefined) {
        records.set(this.keyOf(record), record);
      }
    }
    replaceFile(this.file, [...records.values()].map(toLine).join(''));
    return [...records.values()];
  }

  append(records: readonly T[]): void {
    appendFileSync(this.file, records.map(toLine).join(''), { mode: 0o600 });
  }
}

const toLine = (record: unknown): string => `${JSON.stringify(record, BufferJSON.replacer)}\n`;

function parseLine<T>(line: string): T | undefined {
  try {
    return JSON.parse(line, BufferJSON.reviver) as T;
  } catch {
    return undefined; // the empty end of the file, or a line that a kill cut short
  }
}

function replaceFile(file: string, text: string): void {
  const temporary = `${file}.new`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, file);
}
