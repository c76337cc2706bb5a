/**
 * Writes `dist/THIRD-PARTY-LICENCES.txt`, the licences of everything that runs with the bridge: each package of the
 * lockfile that is not a development dependency, with its licence texts.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const sections = [];
for (const [folder, { dev, optional, version }] of Object.entries(packages)) {
  if (folder === '' || dev || (optional && !existsSync(join(root, folder)))) continue;
  const path = join(root, folder);
  const { name, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const texts = readdirSync(path)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .map((file) => readFileSync(join(path, file), 'utf8').trim());
  sections.push([`${name} ${version}: ${license ?? 'see below'}`, ...texts].join('\n\n'));
}
mkdirSync(join(root, 'dist'), { recursive: true });
writeFileSync(join(root, 'dist/THIRD-PARTY-LICENCES.txt'), `${sections.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
