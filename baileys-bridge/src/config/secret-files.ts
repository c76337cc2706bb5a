import { readFileSync } from 'node:fs';
import { ConfigError, variables } from './config.js';

/** The variable that pg reads by itself, and those of deploy/database-roles.mjs. */
const OTHERS = [
  'PGPASSWORD',
  'PROFILE_PIC_DATABASE_PASSWORD',
  'RECEIVER_DATABASE_PASSWORD',
  'WORKER_DATABASE_PASSWORD',
  'BRIDGE_DATABASE_PASSWORD',
];

/**
 * Reads secrets from files, as Docker Swarm and Kubernetes provide them: when `NAME_FILE` is set, `NAME` becomes the
 * content of that file, without the line's end. Changes `env`, because pg itself reads its password there.
 *
 * @throws ConfigError that names every variable whose file cannot be read
 */
export function readSecretFiles(env: Record<string, string | undefined>): void {
  const wrong: string[] = [];
  for (const name of [...variables.keys(), ...OTHERS]) {
    const file = env[`${name}_FILE`]?.trim();
    if (!file) continue;
    if (env[name]?.trim()) {
      wrong.push(`both ${name} and ${name}_FILE are set: remove one of them`);
      continue;
    }
    const text = contents(file);
    if (text) env[name] = text;
    else
      wrong.push(
        `${name}_FILE names ${file}, which cannot be read or is empty: let it hold the secret alone`,
      );
  }
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'));
}

function contents(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
