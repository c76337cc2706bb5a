import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import {
  addTransactionCapability,
  type BinaryNode,
  DEFAULT_CONNECTION_CONFIG,
  encodeWAMessage,
  generateSignalPubKey,
  initAuthCreds,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
  type SignalKeyStore,
} from 'baileys';
import { type Account, type Accounts, deviceJid } from '../accounts.js';
import type { HistoryChat } from '../api.js';
import { FakeWhatsAppError } from '../errors.js';
import { node, stanzaId, unixSeconds } from '../wire/nodes.js';

type SignalRepository = ReturnType<typeof DEFAULT_CONNECTION_CONFIG.makeSignalRepository>;

export interface Letter {
  id: string;
  /** The sender's address: a phone number address or a LID. */
  from: string;
  text: string;
  pushName: string;
  /** The sender's LID, named together with a phone number address. */
  senderLid?: string | undefined;
  /** The sender's phone number address, named together with a LID address. */
  senderPn?: string | undefined;
  /** The group that receives the message. */
  group?: string | undefined;
}

/**
 * The people who write to the devices. Each person has a Signal identity and sessions, so that messages have real
 * encryption: the first message opens a session with one of the device's pre-keys, and later messages continue the
 * session. As these people never get an answer, all their messages have the type that opens sessions (`pkmsg`).
 */
export class Peers {
  private readonly repositories = new Map<string, SignalRepository>();

  constructor(private readonly accounts: Accounts) {}

  /** Creates the stanza of an encrypted text message to a device. */
  async write(to: Account, letter: Letter): Promise<BinaryNode> {
    const repository = await this.sessionWith(to, letter.from);
    const { type, ciphertext } = await repository.encryptMessage({
      jid: deviceJid(to),
      data: encodeWAMessage({ conversation: letter.text }),
    });
    const attrs: Record<string, string> = {
      from: letter.group ?? letter.from,
      ...(letter.group !== undefined && { participant: letter.from }),
      id: letter.id,
      t: unixSeconds(),
      type: 'text',
      notify: letter.pushName,
    };
    if (letter.senderLid !== undefined) attrs['sender_lid'] = letter.senderLid;
    if (letter.senderPn !== undefined) attrs['sender_pn'] = letter.senderPn;
    return node('message', attrs, [node('enc', { v: '2', type }, Buffer.from(ciphertext))]);
  }

  /** Creates a chunk of the phone's history, with its chats and their privacy tokens. */
  async writeHistory(to: Account, chats: readonly HistoryChat[]): Promise<BinaryNode> {
    const history = proto.HistorySync.encode({
      syncType: proto.HistorySync.HistorySyncType.RECENT,
      conversations: chats.map(({ jid, token_at }) => ({
        id: jid,
        tcToken: randomBytes(16),
        tcTokenTimestamp: token_at,
      })),
    }).finish();
    const phone = `${to.user}@s.whatsapp.net`;
    const repository = await this.sessionWith(to, phone);
    const { type, ciphertext } = await repository.encryptMessage({
      jid: deviceJid(to),
      data: encodeWAMessage({
        protocolMessage: {
          type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
          historySyncNotification: {
            syncType: proto.HistorySync.HistorySyncType.RECENT,
            initialHistBootstrapInlinePayload: deflateSync(history),
          },
        },
      }),
    });
    const attrs = {
      from: phone,
      recipient: phone,
      id: stanzaId('h'),
      t: unixSeconds(),
      type: 'text',
      category: 'peer',
    };
    return node('message', attrs, [node('enc', { v: '2', type }, Buffer.from(ciphertext))]);
  }

  close(): void {
    this.repositories.forEach((repository) => repository.close?.());
    this.repositories.clear();
  }

  private async sessionWith(to: Account, from: string): Promise<SignalRepository> {
    const key = `${to.deviceKey}|${from}`;
    const known = this.repositories.get(key);
    if (known) {
      return known;
    }
    const { keys } = to;
    const preKey = this.accounts.takePreKey(to);
    if (!keys || !preKey) {
      throw new FakeWhatsAppError('conflict', 'to_instance', 'has no pre-keys uploaded (yet)');
    }
    const repository = newRepository();
    await repository.injectE2ESession({
      jid: deviceJid(to),
      session: {
        registrationId: keys.registrationId,
        identityKey: generateSignalPubKey(keys.identityKey),
        signedPreKey: {
          keyId: keys.signedPreKey.id,
          publicKey: generateSignalPubKey(keys.signedPreKey.publicKey),
          signature: keys.signedPreKey.signature,
        },
        preKey: { keyId: preKey.id, publicKey: generateSignalPubKey(preKey.publicKey) },
      },
    });
    this.repositories.set(key, repository);
    return repository;
  }
}

function newRepository(): SignalRepository {
  const logger = DEFAULT_CONNECTION_CONFIG.logger.child({});
  logger.level = 'silent';
  const creds = initAuthCreds();
  const options = { maxCommitRetries: 1, delayBetweenTriesMs: 10 };
  const keys = addTransactionCapability(new MemoryKeyStore(), logger, options);
  return DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds, keys }, logger, async () => []);
}

class MemoryKeyStore implements SignalKeyStore {
  private readonly values = new Map<string, unknown>();

  get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]): Record<string, SignalDataTypeMap[T]> {
    const found = ids.filter((id) => this.values.has(`${type}/${id}`));
    return Object.fromEntries(
      found.map((id) => [id, this.values.get(`${type}/${id}`) as SignalDataTypeMap[T]]),
    );
  }

  set(data: SignalDataSet): void {
    for (const [type, records] of Object.entries(data)) {
      for (const [id, value] of Object.entries(records)) {
        if (value === null || value === undefined) {
          this.values.delete(`${type}/${id}`);
        } else {
          this.values.set(`${type}/${id}`, value);
        }
      }
    }
  }
}
