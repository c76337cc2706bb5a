import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 24 })
  .trimEnd().split('\n').filter((file) => existsSync(join(root, file)));
const folders = new Set(files.flatMap((file) => parents(file)));
const documents = files.filter((file) => file.endsWith('.md'));
const text = (file) => readFileSync(join(root, file), 'utf8');

function parents(file) {
  const all = [];
  for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) all.push(folder);
  return all;
}

/** Returns the text without blocks of code, because a block of code contains no links or headings. */
const prose = (markdown) => markdown.replace(/^(```|~~~)[^\n]*\n[\s\S]*?^\1/gm, '');

/** Returns the anchors as GitHub makes them: lower case, without punctuation, each space a hyphen; a repeated heading gets -1. */
function anchorsOf(markdown) {
  const seen = new Map();
  return new Set([...prose(markdown).matchAll(/^#{1,6} +(.*?) *#*$/gm)].map(([, heading]) => {
    const anchor = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '').toLowerCase().replace(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before ? `${anchor}-${before}` : anchor;
  }));
}

const linksOf = (markdown) => [...prose(markdown).replace(/`[^`\n]*`/g, (code) => (code.includes('](') ? '' : code)).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target);

test('every relative link of every document leads to something, anchors too', () => {
  const broken = [];
  let followed = 0;
  for (const document of documents) {
    for (const link of linksOf(text(document))) {
      if (/^[a-z]+:/.test(link)) continue;
      followed++;
      const [path, anchor] = decodeURIComponent(link).split('#');
      const target = path ? normalize(join(dirname(document), path)).replace(/\/$/, '') : document;
      if (!files.includes(target) && !folders.has(target) && target !== '.') broken.push(`${document}: ${link} is not there`);
      else if (anchor && target.endsWith('.md') && !anchorsOf(text(target)).has(anchor)) broken.push(`${document}: ${link} has no such heading`);
    }
  }

  assert.ok(followed > 100, `only ${followed} links were found`);
  assert.deepEqual(broken, []);
});

/** Paths that exist only after a user has run a command. */
const MADE = /(^|\/)(\.env|\.local|target|node_modules|dist)(\/|$)/;
/** The first parts of paths: a code span that begins with one is a path, which must exist from the root or from its document. */
const FIRST = new Set(files.map((file) => file.split('/')[0]));
const names = new Set(files.map((file) => file.split('/').at(-1)));

test('every file that a document names exists', () => {
  const missing = [];
  let found = 0;
  for (const document of documents) {
    for (const [, code] of prose(text(document)).matchAll(/`([^`\n]+)`/g)) {
      const [, path] = /^(\.?[A-Za-z0-9_][\w.-]*(?:\/[\w.-]+)+\/?)(?: .*)?$/.exec(code) ?? [];
      const [, javaClass] = /^([a-z0-9]+\/[A-Z]\w+)$/.exec(code) ?? [];
      const [, name] = /^((?:R__|V\d+__|afterMigrate__)\w+\.sql|[\w-]+\.(?:mjs|yaml))$/.exec(code) ?? [];
      if (javaClass) {
        found++;
        if (!files.some((file) => file.endsWith(`/${javaClass}.java`) || file.endsWith(`/${javaClass}.ts`))) missing.push(`${document}: ${code}`);
      } else if (path && !MADE.test(path) && FIRST.has(path.split('/')[0])) {
        found++;
        const target = path.replace(/\/$/, '');
        const places = [target, normalize(join(dirname(document), target))];
        if (!places.some((place) => files.includes(place) || folders.has(place))) missing.push(`${document}: ${code}`);
      } else if (name) {
        found++;
        if (!names.has(name)) missing.push(`${document}: ${code}`);
      }
    }
  }

  assert.ok(found > 50, `only ${found} names were found`);
  assert.deepEqual(missing, []);
});

test('every script says in a document what it is for', () => {
  const all = documents.map(text).join('\n');
  const scripts = files.filter((file) => /^(bin|deploy)\/[^/.]+$/.test(file) && statSync(join(root, file)).mode & 0o111);

  assert.ok(scripts.length > 10);
  assert.deepEqual(scripts.filter((script) => !all.includes(script)), []);
});
