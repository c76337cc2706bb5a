import type { BinaryNode } from 'baileys';
import type { Account } from '../accounts.js';
import type { ServerContext } from '../context.js';
import { answerPairingCodeStage } from '../phone/pairing-code.js';
import { type Answer, answerStanza, firstChild, node, result } from '../wire/nodes.js';
import type { ChatSession } from '../wire/session.js';
import { answerEncrypt } from './encrypt.js';
import { answerPicture } from './picture.js';
import { answerUsync } from './usync.js';

const ACKNOWLEDGEMENTS_KEPT = 1_000;

/** Answers the stanza if it is a query. All other stanzas (acks, receipts, presence) need no answer. */
export function answerStanzaOf(context: ServerContext, session: ChatSession, stanza: BinaryNode): void {
  if (stanza.tag === 'ack') {
    noteAcknowledgement(context, session, stanza);
  }
  if (stanza.tag !== 'iq' || (stanza.attrs['type'] !== 'get' && stanza.attrs['type'] !== 'set')) {
    return;
  }
  const answer = session.account
    ? answerDevice(context, session.account, stanza)
    : answerPairingCodeStage(session, stanza);
  const reply = answerStanza(stanza, answer);
  if (reply) {
    session.send(reply);
  }
  if (session.account?.removed) {
    session.streamError('401', node('conflict', { type: 'device_removed' }));
  }
}

function noteAcknowledgement(context: ServerContext, session: ChatSession, { attrs }: BinaryNode): void {
  context.acknowledgements.push({
    session: session.account?.user ?? '',
    from: attrs['to'] ?? '',
    class: attrs['class'] ?? '',
    error: attrs['error'] ?? null,
  });
  if (context.acknowledgements.length > ACKNOWLEDGEMENTS_KEPT) {
    context.acknowledgements.shift();
  }
}

function answerDevice(context: ServerContext, account: Account, query: BinaryNode): Answer {
  switch (query.attrs['xmlns'] ?? '') {
    case 'w:profile:picture':
      return query.attrs['type'] === 'get' ? answerPicture(context, account, query) : result();
    case 'usync':
      return answerUsync(context, account.user, query);
    case 'encrypt':
      return answerEncrypt(context, account, query);
    case 'md':
      if (firstChild(query)?.tag === 'remove-companion-device') {
        context.accounts.logOut(account);
      }
      return result();
    case 'abt':
      return result(node('props', { hash: 'fake' }, []));
    case 'blocklist':
      return result(node('list', {}, []));
    case 'privacy':
      return result(node('privacy', {}, [node('category', { name: 'profile', value: 'all' })]));
    default:
      // Pings, passive mode, statistics and similar queries only need an acknowledgement.
      return result();
  }
}
