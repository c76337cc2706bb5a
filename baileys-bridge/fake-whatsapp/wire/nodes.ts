import { randomBytes } from 'node:crypto';
import { type BinaryNode, S_WHATSAPP_NET } from 'baileys';

/** Returns the time of WhatsApp's server as it appears in stanzas: Unix seconds. */
export const unixSeconds = (): string => String(Math.floor(Date.now() / 1000));

export const stanzaId = (prefix: string): string => `${prefix}-${randomBytes(6).toString('hex')}`;

export function node(
  tag: string,
  attrs: Record<string, string> = {},
  content?: BinaryNode['content'],
): BinaryNode {
  return content === undefined ? { tag, attrs } : { tag, attrs, content };
}

/** Returns the first child of a stanza, which distinguishes the queries of one namespace. */
export function firstChild(stanza: BinaryNode): BinaryNode | undefined {
  return Array.isArray(stanza.content) ? stanza.content[0] : undefined;
}

/** The server's answer to a query: content, an error, or lasting silence. */
export type Answer =
  | { kind: 'result'; content?: BinaryNode[] }
  | { kind: 'error'; code: number; text: string }
  | { kind: 'silence' };

export const result = (...content: BinaryNode[]): Answer =>
  content.length > 0 ? { kind: 'result', content } : { kind: 'result' };
export const error = (code: number, text: string): Answer => ({ kind: 'error', code, text });
export const silence: Answer = { kind: 'silence' };

/** Returns the stanza that carries an answer, or undefined for silence. */
export function answerStanza(query: BinaryNode, answer: Answer): BinaryNode | undefined {
  const attrs = {
    id: query.attrs['id'] ?? '',
    from: query.attrs['to'] ?? S_WHATSAPP_NET,
    t: unixSeconds(),
  };
  switch (answer.kind) {
    case 'result':
      return node('iq', { ...attrs, type: 'result' }, answer.content);
    case 'error':
      return node('iq', { ...attrs, type: 'error' }, [
        node('error', { code: String(answer.code), text: answer.text }),
      ]);
    case 'silence':
      return undefined;
  }
}
