import { setMaxListeners } from 'node:events';
import { type BatchAnswer, type BatchQuestion, askForIds } from './batch.js';
import {
  type BudgetState,
  type BudgetView,
  type Limits,
  type Refusal,
  createBudget,
  moreCareful,
} from './budget.js';
import { type Clock, pause } from './clock.js';
import { phoneVariants } from './contact-address.js';
import type { Contacts } from './contacts.js';
import { type Answer, type Question, answerUnlessClosed, converse } from './conversation.js';
import { type BudgetRecord, createKeptBudget } from './kept-budget.js';
import type { BatchOutcome, Disconnected, LidOutcome, LookupOutcome, Throttled } from './outcome.js';
import { phoneOfLid } from './resolve.js';
import type { Connection, Line, QueryKind } from './socket.js';
import { createTurns } from './turns.js';

export interface LookupSettings {
  /** The maximum wait of a question for its turn; a question that would wait longer is refused at once. */
  readonly maxWaitMs: number;
  /** The maximum time for one question after its turn came. */
  readonly deadlineMs: number;
  readonly throttledRetryAfterSeconds: number;
  /** The minimum interval between two batches. */
  readonly batchSpacingMs: number;
}

export interface LookupPorts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly contacts: Contacts;
  readonly settings: LookupSettings;
  readonly limits: (id: string) => Limits;
  /** Reads the stored budget of the instance, for the time that this process drives the instance. */
  readonly openBudget: (id: string) => Promise<BudgetRecord>;
  readonly onQuery: (id: string, kind: QueryKind) => void;
  /** Called for every answer; `seconds` is the time spent with WhatsApp, undefined when there was no query. */
  readonly onOutcome: (id: string, outcome: LookupOutcome, seconds: number | undefined) => void;
}

/** What is known about an instance's pace, for the time after the process drove it. */
export interface PaceMemory {
  readonly budget: BudgetState | undefined;
  /** Milliseconds since the epoch. */
  readonly restrictedUntil: number;
}

/** Answers "what is this contact's picture?" through one instance, within its budget. */
export interface Lookups {
  /** @throws BudgetUnavailableError */
  lookup(question: Question): Promise<LookupOutcome>;
  /** Asks with one query which pictures up to a hundred people have. @throws BudgetUnavailableError */
  pictureIds(questions: readonly BatchQuestion[]): Promise<BatchOutcome>;
  /** Says to whom a LID belongs, according to earlier messages and queries. */
  whose(lid: string): Promise<LidOutcome>;
  /** Stops background work until then, because WhatsApp restricts the account; null lifts it. */
  restrict(until: Date | null): void;
  restrictedUntil(): string | null;
  /** Null until the first question. */
  budget(): BudgetView | null;
  queueLength(): number;
  memory(): PaceMemory;
  /** Answers the waiting questions with `disconnected` and saves the budget. */
  stop(): Promise<void>;
}

/** Questions under way at a time. More than one, so that a query without an answer does not block all questions. */
const AT_A_TIME = 4;

/** @param earlier what this process knew when it drove the instance before */
export function createLookups(
  id: string,
  line: () => Line | undefined,
  ports: LookupPorts,
  earlier?: PaceMemory,
): Lookups {
  const { clock, settings } = ports;
  const turns = createTurns(clock, AT_A_TIME);
  const inFlight = new Map<string, Promise<LookupOutcome>>();
  const stopping = new AbortController();
  // Each waiting question listens. Node would report more than ten as a leak, on stderr beside the log.
  setMaxListeners(0, stopping.signal);
  let nextBatchAt = 0;
  let restrictedUntil = earlier?.restrictedUntil ?? 0;

  const kept = createKeptBudget(
    clock,
    () => ports.openBudget(id),
    (saved) => {
      const own = earlier?.budget;
      const limits = () => ports.limits(id);
      return createBudget(
        { clock, random: ports.random, limits, firstRestSeconds: settings.throttledRetryAfterSeconds },
        saved && own ? moreCareful(saved, own, clock.now()) : (saved ?? own),
      );
    },
  );

  const disconnected = (): Disconnected => ({
    status: 'disconnected',
    state: stopping.signal.aborted ? 'stopping' : (line()?.state() ?? 'connecting'),
  });

  const refused = ({ by, reason, retryAfterMs }: Refusal): Throttled =>
    ({
      status: 'throttled',
      by,
      reason,
      retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)),
    }) as Throttled;

  const refusedByUs = (reason: 'busy' | 'spacing' | 'restricted', retryAfterMs: number): Throttled => ({
    status: 'throttled',
    by: 'bridge',
    reason,
    retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)),
  });

  /** Runs one exchange with WhatsApp in its turn, within the ceiling, the deadline and the life of the connection. */
  const inTurn = async <T extends { readonly status: string }>(
    exchange: (connection: Connection, onQuery: (kind: QueryKind) => void) => Promise<T | 'closed'>,
  ): Promise<
    | { readonly outcome: Throttled | Disconnected; readonly queries: number }
    | {
        readonly answer: T | { status: 'no_answer'; reason: string };
        readonly queries: number;
        readonly seconds: number;
      }
  > => {
    const no = (outcome: Throttled | Disconnected, queries = 0) => ({ outcome, queries });
    if (stopping.signal.aborted || !line()?.connection()) return no(disconnected());
    const budget = await kept.get();
    const early = budget.refusal();
    if (early) return no(refused(early));
    const askedAt = clock.now();
    const leave = await turns.enter(settings.maxWaitMs, stopping.signal);
    if (!leave) return no(stopping.signal.aborted ? disconnected() : refusedByUs('busy', settings.maxWaitMs));
    try {
      const wait = budget.reserve(settings.maxWaitMs - (clock.now() - askedAt));
      if (typeof wait !== 'number') return no(refused(wait));
      await pause(clock, wait, stopping.signal);
      const connection = line()?.connection();
      if (stopping.signal.aborted || !connection) return no(disconnected());
      const late = budget.refusal();
      if (late?.by === 'whatsapp') return no(refused(late));
      let queries = 0;
      const startedAt = clock.now();
      const answer = await answerUnlessClosed(
        exchange(connection, (kind) => {
          // The first query has a reserved place.
          if (++queries > 1) budget.charge();
          ports.onQuery(id, kind);
          kept.saveSoon();
        }),
        connection.closed,
        clock,
        settings.deadlineMs,
      );
      if (answer === 'closed') return no(disconnected(), queries);
      return { answer, queries, seconds: (clock.now() - startedAt) / 1_000 };
    } finally {
      leave();
    }
  };

  const slowDown = (backoffSeconds: number | undefined): Throttled => {
    const retryAfterSeconds = kept.known()?.slowDown(backoffSeconds) ?? settings.throttledRetryAfterSeconds;
    void kept.save();
    return { status: 'throttled', by: 'whatsapp', reason: 'whatsapp', retryAfterSeconds };
  };

  const answer = async (question: Question): Promise<LookupOutcome> => {
    const result = await inTurn<Answer>((connection, onQuery) =>
      converse({ ...ports, ...settings, socket: connection.socket, onQuery }, question),
    );
    const { queries } = result;
    if ('outcome' in result) {
      const outcome = { ...result.outcome, queries };
      ports.onOutcome(id, outcome, undefined);
      return outcome;
    }
    const { answer: said, seconds } = result;
    const outcome: LookupOutcome =
      said.status === 'throttled' ? { ...slowDown(said.backoffSeconds), queries } : { ...said, queries };
    ports.onOutcome(id, outcome, seconds);
    return outcome;
  };

  return {
    lookup(question) {
      const { address, type, knownId = '' } = question;
      const person = address.kind === 'lid' ? address.lid : phoneVariants(address.phone).sort().join();
      const key = `${type} ${person} ${knownId}`;
      const running = inFlight.get(key);
      if (running) return running;
      const answering = answer(question).finally(() => inFlight.delete(key));
      inFlight.set(key, answering);
      return answering;
    },

    async pictureIds(questions) {
      const now = clock.now();
      if (restrictedUntil > now) return { ...refusedByUs('restricted', restrictedUntil - now), queries: 0 };
      if (nextBatchAt > now) return { ...refusedByUs('spacing', nextBatchAt - now), queries: 0 };
      const before = nextBatchAt;
      nextBatchAt = now + settings.batchSpacingMs;
      const result = await inTurn<BatchAnswer>((connection, onQuery) =>
        askForIds({ ...ports, ...settings, socket: connection.socket, onQuery }, questions),
      ).catch((err: unknown) => {
        nextBatchAt = before;
        throw err;
      });
      const { queries } = result;
      // A batch that never left does not delay the next batch.
      if (queries === 0) nextBatchAt = before;
      if ('outcome' in result) return { ...result.outcome, queries };
      const { answer: said } = result;
      if (said.status === 'throttled') return { ...slowDown(said.backoffSeconds), queries };
      if (said.status === 'no_answer') return { ...said, queries };
      if (said.throttledFor !== null) slowDown(said.throttledFor || undefined);
      return { status: 'answered', contacts: said.contacts, queries };
    },

    async whose(lid) {
      const socket = line()?.connection()?.socket;
      const jid = socket
        ? await phoneOfLid(socket, ports.contacts, lid)
        : await ports.contacts.jidOf(lid).catch(() => null);
      if (!socket && jid === null) return disconnected();
      const status = jid === null || jid === lid ? 'unknown' : 'known';
      return { status, lid, jid: status === 'known' ? jid : null, queries: 0 };
    },

    restrict(until) {
      restrictedUntil = until?.getTime() ?? 0;
    },
    restrictedUntil: () => (restrictedUntil > clock.now() ? new Date(restrictedUntil).toISOString() : null),
    budget: () => kept.known()?.view() ?? null,
    queueLength: () => turns.length(),
    memory: () => ({ budget: kept.known()?.state() ?? earlier?.budget, restrictedUntil }),
    async stop() {
      stopping.abort();
      await kept.close();
    },
  };
}
