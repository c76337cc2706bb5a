import { type BinaryNode, S_WHATSAPP_NET } from 'baileys';
import type { LookupSocket } from '../lookups/socket.js';
import { anonymiser } from './anonymise.js';

export interface CanaryPorts {
  readonly socket: LookupSocket;
  /** The phones to ask about, digits only. Their owners agreed, and the first one should have a photo. */
  readonly phones: readonly string[];
  /** Waits between two questions. */
  readonly rest: () => Promise<void>;
  readonly write: (text: string) => void;
}

const TIMEOUT_MS = 20_000;

const userNodes = (phones: readonly string[]): BinaryNode[] =>
  phones.map((phone) => ({
    tag: 'user',
    attrs: {},
    content: [{ tag: 'contact', attrs: {}, content: `+${phone}` }],
  }));

/** Sends the bridge's queries to the real WhatsApp, and writes the answers without names. */
export async function runCanary({ socket, phones, rest, write }: CanaryPorts): Promise<void> {
  const shown = anonymiser();
  const ask = async (belief: string, query: BinaryNode): Promise<BinaryNode | undefined> => {
    write(`\n## ${belief}\n\nasked:\n${shown(query)}\nanswered:`);
    try {
      const answer = (await socket.query(query, TIMEOUT_MS)) as BinaryNode | undefined;
      write(answer ? shown(answer) : '(silence)');
      return answer;
    } catch (err) {
      const { data, output } = err as { data?: unknown; output?: { statusCode?: number } };
      write(
        typeof data === 'number' ? `error ${data}` : `no answer (${output?.statusCode ?? 'connection lost'})`,
      );
      return undefined;
    } finally {
      await rest();
    }
  };

  const usync = (protocols: readonly string[]): BinaryNode => ({
    tag: 'iq',
    attrs: { to: S_WHATSAPP_NET, type: 'get', xmlns: 'usync' },
    content: [
      {
        tag: 'usync',
        attrs: {
          context: 'background',
          mode: 'query',
          sid: socket.generateMessageTag(),
          last: 'true',
          index: '0',
        },
        content: [
          { tag: 'query', attrs: {}, content: protocols.map((tag) => ({ tag, attrs: {} })) },
          { tag: 'list', attrs: {}, content: userNodes(phones) },
        ],
      },
    ],
  });
  const picture = (phone: string, attrs: Record<string, string>): BinaryNode => ({
    tag: 'iq',
    attrs: { target: `${phone}@s.whatsapp.net`, to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:profile:picture' },
    content: [{ tag: 'picture', attrs: { type: 'image', query: 'url', ...attrs } }],
  });

  await ask('Who is there, under which address and LID', usync(['contact', 'lid']));
  await ask('Picture ids of several people at once', usync(['contact', 'lid', 'picture']));
  for (const phone of phones) {
    const answer = await ask('A picture', picture(phone, {}));
    const id = idOf(answer);
    if (id !== undefined) await ask('The same picture, its id named', picture(phone, { id }));
  }
}

function idOf(answer: BinaryNode | undefined): string | undefined {
  return Array.isArray(answer?.content)
    ? answer.content.find(({ tag }) => tag === 'picture')?.attrs.id
    : undefined;
}
