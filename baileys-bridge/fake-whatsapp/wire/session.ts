import { type BinaryNode, decodeBinaryNode, encodeBinaryNode } from 'baileys';
import type { RawData, WebSocket } from 'ws';
import type { Account } from '../accounts.js';
import type { ServerIdentity } from './certificates.js';
import { frame, FrameReader } from './frames.js';
import { Handshake, type HandshakeResult } from './handshake.js';
import { node } from './nodes.js';
import type { NoiseTransport } from './noise.js';

export interface SessionEvents {
  /** Called when the handshake is done and the client has identified itself. */
  authenticated(session: ChatSession, login: HandshakeResult): void;
  stanza(session: ChatSession, stanza: BinaryNode): void;
  closed(session: ChatSession): void;
}

/** The progress of a pairing by code on one connection. */
export interface PairingCodeOffer {
  phone: string;
  ref: Buffer;
  /** Salt (32 bytes), IV (16) and the companion's ephemeral key, encrypted under the code. */
  wrappedKey: Buffer;
  /** Called with the companion's last message. */
  finish?: (content: CompanionFinish) => void;
}

export interface CompanionFinish {
  wrappedBundle: Buffer;
  identityKey: Buffer;
}

/** The connection of one client: the handshake, then stanzas in both directions. */
export class ChatSession {
  readonly since: string;
  /** The account that is logged in; undefined while pairing. */
  account: Account | undefined;
  deviceKey = '';
  /** The QR references that this client may show. */
  refs: string[] = [];
  pairingCode: PairingCodeOffer | undefined;
  /** Says whether the session is frozen: it stays connected but sends nothing. */
  frozen = false;

  private readonly reader = new FrameReader();
  private readonly handshake: Handshake;
  private stage: 'hello' | 'finish' | 'open' = 'hello';
  private transport: NoiseTransport | undefined;
  /** Chains the handling of frames, one after the other: decoding is asynchronous and the cipher counts. */
  private work: Promise<void> = Promise.resolve();
  private readonly replies = new Map<string, PromiseWithReject<BinaryNode>>();

  constructor(
    private readonly socket: WebSocket,
    server: ServerIdentity,
    private readonly events: SessionEvents,
    now: number,
  ) {
    this.since = new Date(now).toISOString();
    this.handshake = new Handshake(server);
    socket.on('message', (data: RawData) => {
      this.work = this.work.then(() => this.receive(data as Buffer)).catch(() => socket.terminate()); // a client that breaks the protocol is cut off, as by WhatsApp
    });
    socket.on('close', () => {
      this.replies.forEach((reply) => reply.reject(new Error('the session closed before it replied')));
      this.replies.clear();
      events.closed(this);
    });
    socket.on('error', () => socket.terminate());
  }

  send(stanza: BinaryNode): void {
    if (this.transport && !this.frozen && this.socket.readyState === this.socket.OPEN) {
      this.socket.send(frame(this.transport.seal(encodeBinaryNode(stanza))));
    }
  }

  /** Sends a query to the client and waits for its result. Rejects when the session closes first. */
  request(stanza: BinaryNode): Promise<BinaryNode> {
    return new Promise((resolve, reject) => {
      this.replies.set(stanza.attrs['id'] ?? '', { resolve, reject });
      this.send(stanza);
    });
  }

  /** Waits for a promise that only this client can fulfil. Rejects when the session closes first. */
  orClosed<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.socket.once('close', () => reject(new Error('the session closed before it replied')));
      promise.then(resolve, reject);
    });
  }

  /** Ends the session with a `stream:error`, as WhatsApp does to give a reason. */
  streamError(code: string | undefined, reason?: BinaryNode): void {
    this.send(node('stream:error', code === undefined ? {} : { code }, reason ? [reason] : []));
    this.close();
  }

  /** Ends the session cleanly, after all sent data has left. */
  close(): void {
    this.socket.close();
  }

  /** Cuts the connection: the client sees close code 1006. */
  drop(): void {
    this.socket.terminate();
  }

  private async receive(bytes: Buffer): Promise<void> {
    for (const payload of this.reader.read(bytes)) {
      if (this.stage === 'hello') {
        this.socket.send(frame(this.handshake.hello(payload)));
        this.stage = 'finish';
      } else if (this.stage === 'finish') {
        const login = this.handshake.finish(payload);
        this.transport = login.transport;
        this.deviceKey = login.deviceKey;
        this.stage = 'open';
        this.events.authenticated(this, login);
      } else {
        await this.receiveStanza(payload);
      }
    }
  }

  private async receiveStanza(payload: Buffer): Promise<void> {
    const plaintext = this.transport?.open(payload);
    if (!plaintext || this.frozen) {
      return;
    }
    const stanza = await decodeBinaryNode(plaintext);
    const id = stanza.attrs['id'];
    const reply = id !== undefined && stanza.attrs['type'] === 'result' ? this.replies.get(id) : undefined;
    if (id !== undefined && reply) {
      this.replies.delete(id);
      reply.resolve(stanza);
      return;
    }
    this.events.stanza(this, stanza);
  }
}

interface PromiseWithReject<T> {
  resolve: (value: T) => void;
  reject: (reason: Error) => void;
}
