// Runs the README's commands. New users type them, so every run of the demo tests them too.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The lead that README.md names, and its phone. */
export const README_LEAD = { id: '7b1c9a52-6b5e-4c40-9d7e-5f3f1f1b2a10', phone: '5562999212484', name: 'Maria' };

/** @returns {string[]} the blocks of shell commands under the heading "Try it" that call the receiver */
export function commandsOf(markdown) {
  const section = /^## Try it\n(.*?)^## /ms.exec(markdown)?.[1] ?? '';
  return [...section.matchAll(/^```(?:sh|bash)\n(.*?)^```/gms)].map(([, block]) => block).filter((block) => /^curl /m.test(block));
}

/**
 * Runs the commands.
 * @returns {string[]} the problems; empty when every command succeeded
 */
export function tryReadme(file) {
  const blocks = commandsOf(readFileSync(file, 'utf8'));
  if (blocks.length === 0) return [`${file} has no curl command to try`];
  return blocks.flatMap((block) => {
    const { stdout, stderr, status } = spawnSync('bash', ['-euc', block.replace(/^curl /gm, 'curl -sS --max-time 30 ')], { encoding: 'utf8' });
    const worked = status === 0 && stdout.includes('"success":true');
    return worked ? [] : [`the README's command was answered ${stdout || stderr}:\n${block}`];
  });
}
