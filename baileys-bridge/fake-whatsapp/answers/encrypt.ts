import {
  type BinaryNode,
  getBinaryNodeChild,
  getBinaryNodeChildBuffer,
  getBinaryNodeChildren,
} from 'baileys';
import type { Account, PublicPreKey, SignalKeys } from '../accounts.js';
import type { ServerContext } from '../context.js';
import { type Answer, error, firstChild, node, result } from '../wire/nodes.js';

/** Answers `encrypt` queries: the device uploads the keys that senders open sessions with, and asks for their count. */
export function answerEncrypt(context: ServerContext, account: Account, query: BinaryNode): Answer {
  switch (firstChild(query)?.tag ?? '') {
    case 'count':
      return result(node('count', { value: String(preKeyCount(account)) }));
    case 'digest':
      return account.keys || account.keysAssumed ? result(node('digest')) : error(404, 'item-not-found');
    case 'rotate':
      return rotate(context, account, query);
    default:
      return getBinaryNodeChild(query, 'registration') ? upload(context, account, query) : result();
  }
}

/** Enough keys that a client sees no reason to upload more. */
const ASSUMED_PRE_KEYS = 100;

const preKeyCount = ({ keys, keysAssumed }: Account): number =>
  keys?.preKeys.length ?? (keysAssumed ? ASSUMED_PRE_KEYS : 0);

function upload(context: ServerContext, account: Account, query: BinaryNode): Answer {
  const signedPreKey = getBinaryNodeChild(query, 'skey');
  if (!signedPreKey) {
    return error(400, 'bad-request');
  }
  const uploaded = getBinaryNodeChildren(getBinaryNodeChild(query, 'list'), 'key').map(publicPreKey);
  context.accounts.setKeys(account, {
    registrationId: unsigned(bytesOf(query, 'registration')),
    identityKey: bytesOf(query, 'identity'),
    signedPreKey: signedKey(signedPreKey),
    preKeys: [...(account.keys?.preKeys ?? []), ...uploaded],
  });
  return result();
}

function rotate(context: ServerContext, account: Account, query: BinaryNode): Answer {
  const signedPreKey = getBinaryNodeChild(getBinaryNodeChild(query, 'rotate'), 'skey');
  if (!signedPreKey || !account.keys) {
    return error(400, 'bad-request');
  }
  context.accounts.setKeys(account, { ...account.keys, signedPreKey: signedKey(signedPreKey) });
  return result();
}

const publicPreKey = (key: BinaryNode): PublicPreKey => ({
  id: unsigned(bytesOf(key, 'id')),
  publicKey: bytesOf(key, 'value'),
});

const signedKey = (key: BinaryNode): SignalKeys['signedPreKey'] => ({
  ...publicPreKey(key),
  signature: bytesOf(key, 'signature'),
});

/** Reads a key or a number, which are sent as bytes. A missing child is an empty buffer and fails at its use. */
const bytesOf = (parent: BinaryNode, tag: string): Buffer =>
  Buffer.from(getBinaryNodeChildBuffer(parent, tag) ?? []);

const unsigned = (bytes: Buffer): number => (bytes.length === 0 ? 0 : bytes.readUIntBE(0, bytes.length));
