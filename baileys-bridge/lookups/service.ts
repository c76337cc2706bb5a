import { createHash, timingSafeEqual } from 'node:crypto';
import type { WASocket } from 'baileys';
import { noteGroups } from './common-groups.js';
import type { BudgetState, Limits } from './budget.js';
import { systemClock } from './clock.js';
import { type Contacts, memoryContacts } from './contacts.js';
import {
  type HttpAnswer,
  badRequest,
  batchAnswer,
  isInstanceId,
  lidAnswer,
  parseBatch,
  parseLid,
  parseQuestion,
  pictureAnswer,
  unknownInstance,
} from './contract.js';
import { BudgetUnavailableError } from './kept-budget.js';
import { type LookupDesk, createLookupDesk } from './lookup-desk.js';
import type { LookupPorts, LookupSettings } from './lookups.js';
import type { Connection, Line } from './socket.js';

export interface PictureServiceOptions {
  /** Returns the current socket of an instance; undefined when it has no socket. */
  readonly socket: (instanceId: string) => WASocket | undefined;
  /** Returns all instances, for a worker that may choose an instance. */
  readonly instances?: () => Iterable<string>;
  /** The Bearer tokens that are accepted. */
  readonly tokens: readonly string[];
  /** Default: {@link memoryContacts}. */
  readonly contacts?: Contacts;
  /** The maximum number of an instance's queries to WhatsApp; default 180 a minute. */
  readonly limits?: (instanceId: string) => Limits;
  readonly settings?: Partial<LookupSettings>;
  /** The store for the state of each budget; by default the state is not stored. */
  readonly budgets?: {
    loadBudget(instanceId: string): Promise<BudgetState | undefined>;
    saveBudget(instanceId: string, state: BudgetState): Promise<void>;
  };
  readonly onQuery?: LookupPorts['onQuery'];
}

export interface HttpQuestion {
  readonly method: string;
  /** The path below the mount point of the router, without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
  /** Returns the body as JSON; called only for routes that have a body. */
  readonly body: () => Promise<unknown>;
}

/** Pictures for a server that runs Baileys already: the bridge's contract on that server's own sockets. */
export interface PictureService {
  /** @returns undefined when the call is not in the contract */
  handle(question: HttpQuestion): Promise<HttpAnswer | undefined>;
  readonly lookups: LookupDesk;
  stop(): Promise<void>;
}

const SETTINGS: LookupSettings = {
  maxWaitMs: 3_000,
  deadlineMs: 8_000,
  throttledRetryAfterSeconds: 60,
  batchSpacingMs: 20_000,
};
const unavailable: HttpAnswer = {
  status: 503,
  headers: { 'Retry-After': '5' },
  body: { status: 'unavailable' },
};
const ROUTE = /^\/instances\/([^/]+)\/(?:(profile-picture|picture-ids)|(lids)\/([^/]+))\/?$/;

export function createPictureService(options: PictureServiceOptions): PictureService {
  const connections = new WeakMap<WASocket, Connection>();

  const connectionOf = (id: string): Connection | undefined => {
    const socket = options.socket(id);
    if (!socket || socket.user === undefined || !socket.ws.isOpen) return undefined;
    const known = connections.get(socket);
    if (known) return known.closed.aborted ? undefined : known;
    const closing = new AbortController();
    socket.ev.on('connection.update', ({ connection }) => {
      if (connection === 'close') closing.abort();
    });
    noteGroups(socket);
    const made = { socket, closed: closing.signal };
    connections.set(socket, made);
    return made;
  };

  const line = (id: string): Line | undefined =>
    options.socket(id) && {
      state: () => (connectionOf(id) ? 'open' : 'connecting'),
      connection: () => connectionOf(id),
    };

  const lookups = createLookupDesk(line, {
    clock: systemClock,
    random: Math.random,
    contacts: options.contacts ?? memoryContacts(),
    settings: { ...SETTINGS, ...options.settings },
    limits: options.limits ?? (() => ({ perMinute: 180, perDay: null })),
    openBudget: async (id) => ({
      saved: await options.budgets?.loadBudget(id),
      save: async (state) => options.budgets?.saveBudget(id, state),
    }),
    onQuery: options.onQuery ?? (() => undefined),
    onOutcome: () => undefined,
  });
  const isAllowed = tokenCheck(options.tokens);

  const ask = async (question: HttpQuestion, id: string, call: string, part: string): Promise<HttpAnswer> => {
    if (!isInstanceId(id)) return badRequest({ field: 'id', message: 'is no instance id' });
    if (call === 'lids') {
      const asked = parseLid(part);
      if ('field' in asked) return badRequest(asked);
      return line(id) ? lidAnswer(await lookups.of(id).whose(asked.lid)) : unknownInstance;
    }
    if (call === 'profile-picture') {
      const asked = parseQuestion(question.query);
      if ('field' in asked) return badRequest(asked);
      return line(id) ? pictureAnswer(await lookups.of(id).lookup(asked)) : unknownInstance;
    }
    const items = parseBatch(await question.body());
    if ('field' in items) return badRequest(items);
    return line(id) ? batchAnswer(items, await lookups.of(id).pictureIds(items)) : unknownInstance;
  };

  return {
    async handle(question) {
      const [, id, picture, lids, part = ''] = ROUTE.exec(question.path) ?? [];
      const call = picture ?? lids;
      const isList = question.path === '/instances' && options.instances !== undefined;
      const method = call === 'picture-ids' ? 'POST' : 'GET';
      if ((id === undefined && !isList) || question.method !== method) return undefined;
      if (!isAllowed(question.authorization)) {
        return { status: 401, headers: { 'WWW-Authenticate': 'Bearer' }, body: { status: 'unauthorized' } };
      }
      if (id !== undefined && call !== undefined) {
        return ask(question, decoded(id), call, decoded(part)).catch((err: unknown) => {
          if (err instanceof BudgetUnavailableError) return unavailable;
          throw err;
        });
      }
      const instances = [...(options.instances?.() ?? [])].map((each) => ({
        id: each,
        state: line(each)?.state() ?? 'connecting',
      }));
      return { status: 200, headers: {}, body: { instances, longest_lookup_ms: lookups.longestLookupMs } };
    },
    lookups,
    stop: () => lookups.stop(),
  };
}

/** Decodes a part of the path. Returns '' for a text that cannot be decoded: '' is neither an instance id nor a LID. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

function tokenCheck(tokens: readonly string[]): (authorization: string | undefined) => boolean {
  if (tokens.length === 0 || tokens.some((token) => token.length < 8)) {
    throw new Error('give at least one token, each of at least 8 characters');
  }
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const known = tokens.map(digest);
  return (authorization = '') => {
    const token = /^bearer (.+)$/i.exec(authorization)?.[1];
    if (token === undefined) return false;
    const asked = digest(token);
    return known.map((each) => timingSafeEqual(each, asked)).includes(true);
  };
}
