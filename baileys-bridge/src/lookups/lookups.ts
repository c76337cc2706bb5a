import PQueue from 'p-queue';
import type { Clock } from '../clock.js';
import type { Connection, Instance } from '../instances/instance.js';
import { type ContactAddress, phoneVariants } from './contact-address.js';
import type { Contacts } from './contacts.js';
import { answerUnlessClosed, converse } from './conversation.js';
import type { LookupOutcome, PictureType } from './outcome.js';
import { createPace } from './pace.js';

export interface LookupSettings {
  readonly perMinute: number;
  readonly queueLength: number;
  readonly deadlineMs: number;
  readonly throttledRetryAfterSeconds: number;
}

export interface LookupPorts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly contacts: Contacts;
  readonly settings: LookupSettings;
  /** Told about every answer; `seconds` is the time spent with WhatsApp, undefined when it was not asked. */
  readonly onOutcome: (instanceId: string, outcome: LookupOutcome, seconds: number | undefined) => void;
}

/** Answers "what is this contact's picture?" for one number: one question at a time, at a human pace. */
export interface Lookups {
  lookup(address: ContactAddress, type: PictureType): Promise<LookupOutcome>;
  queueLength(): number;
  /** Answers what still waits with `disconnected`. */
  stop(): void;
}

/** @param instance answers for the instance as it is now: it may be another object after a lease was lost and won */
export function createLookups(id: string, instance: () => Instance | undefined, ports: LookupPorts): Lookups {
  const { clock, settings } = ports;
  const queue = new PQueue({ concurrency: 1 });
  const pace = createPace(clock, ports.random, settings.perMinute);
  const inFlight = new Map<string, Promise<LookupOutcome>>();
  const stopping = new AbortController();
  let coolUntil = 0;

  const disconnected = (): LookupOutcome => ({
    status: 'disconnected',
    state: stopping.signal.aborted ? 'stopping' : (instance()?.status().state ?? 'connecting'),
  });

  const coolingDown = (): LookupOutcome | undefined => {
    const seconds = Math.ceil((coolUntil - clock.now()) / 1_000);
    return seconds > 0 ? { status: 'throttled', reason: 'whatsapp', retryAfterSeconds: seconds } : undefined;
  };

  const refusal = (): LookupOutcome | undefined => {
    if (stopping.signal.aborted || !instance()?.connection()) return disconnected();
    return coolingDown();
  };

  const answerInTurn = async (address: ContactAddress, type: PictureType): Promise<LookupOutcome> => {
    const early = refusal();
    if (early) return early;
    await pace.slot(stopping.signal);
    const connection = instance()?.connection();
    const late = refusal();
    if (late || !connection) return late ?? disconnected();
    const startedAt = clock.now();
    const outcome = await ask(connection, address, type);
    ports.onOutcome(id, outcome, (clock.now() - startedAt) / 1_000);
    return outcome;
  };

  /** One exchange with WhatsApp, hidden queries included, within the deadline and the life of the connection. */
  const ask = async (
    connection: Connection,
    address: ContactAddress,
    type: PictureType,
  ): Promise<LookupOutcome> => {
    const exchange = converse(
      { ...ports, socket: connection.socket, deadlineMs: settings.deadlineMs },
      address,
      type,
    );
    const answer = await answerUnlessClosed(exchange, connection.closed, clock, settings.deadlineMs);
    if (answer === 'closed') return disconnected();
    if (answer.status === 'throttled') coolUntil = clock.now() + settings.throttledRetryAfterSeconds * 1_000;
    return answer.status === 'throttled' ? (coolingDown() ?? disconnected()) : answer;
  };

  return {
    lookup(address, type) {
      const key = `${type} ${address.kind === 'lid' ? address.lid : phoneVariants(address.phone).sort().join()}`;
      const running = inFlight.get(key);
      if (running) return running;
      const refused = refusal();
      const full = queue.size >= settings.queueLength;
      if (refused ?? full) {
        const outcome: LookupOutcome = refused ?? {
          status: 'throttled',
          reason: 'queue_full',
          retryAfterSeconds: pace.estimateSeconds(queue.size),
        };
        ports.onOutcome(id, outcome, undefined);
        return Promise.resolve(outcome);
      }
      const answer = queue.add(() => answerInTurn(address, type)).finally(() => inFlight.delete(key));
      inFlight.set(key, answer);
      return answer;
    },
    queueLength: () => queue.size + queue.pending,
    stop: () => stopping.abort(),
  };
}
