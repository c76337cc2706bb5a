import type { BinaryNode } from 'baileys';

/** The attributes that a published stanza shows as they are; other values could identify a person and are replaced. */
const PLAIN = new Set([
  'type',
  'code',
  'text',
  'backoff',
  'status',
  'xmlns',
  'query',
  'context',
  'mode',
  'expire',
  'last',
  'index',
]);

/** Returns a function that replaces people, links, ids and bytes in stanzas; equal values get equal names. */
export function anonymiser(): (stanza: BinaryNode) => string {
  const names = new Map<string, string>();
  const nameOf = (kind: string, value: string): string => {
    const known = names.get(value) ?? `${kind}${names.size + 1}`;
    names.set(value, known);
    return known;
  };
  const attribute = (key: string, value: string): string => {
    if (PLAIN.has(key)) return value;
    const server = /@(s\.whatsapp\.net|lid|g\.us)$/.exec(value)?.[1];
    if (server !== undefined) return `${nameOf('person', value.split(/[:@]/, 1)[0] ?? '')}@${server}`;
    return value === 's.whatsapp.net' ? value : nameOf('value', value);
  };
  const print = ({ tag, attrs, content }: BinaryNode, depth: number): string => {
    const indent = '  '.repeat(depth);
    const shown = Object.entries(attrs).map(([key, value]) => ` ${key}="${attribute(key, String(value))}"`);
    const start = `${indent}<${tag}${shown.join('')}`;
    if (content === undefined) return `${start}/>`;
    if (Array.isArray(content)) {
      const inner = content.map((child) => print(child, depth + 1));
      return inner.length === 0 ? `${start}/>` : [`${start}>`, ...inner, `${indent}</${tag}>`].join('\n');
    }
    return `${start}>(${content.length} ${typeof content === 'string' ? 'characters' : 'bytes'})</${tag}>`;
  };
  return (stanza) => print(stanza, 0);
}
