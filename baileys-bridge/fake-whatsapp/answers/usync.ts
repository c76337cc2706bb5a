import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from 'baileys';
import type { ServerContext } from '../context.js';
import { type Contact, hasPhoto } from '../directory/contact.js';
import { bareJid } from '../directory/jids.js';
import { pictureId } from '../directory/picture-id.js';
import { type Answer, error, node, result, silence } from '../wire/nodes.js';

/**
 * Answers `usync` queries: whether people are on WhatsApp, with their addresses, LIDs and devices.
 *
 * The answer to a query by phone number has the address that the number is registered under. For Brazilian, Mexican and
 * Argentine numbers this address may differ from the number in the query. The answer to a query by address repeats the
 * address; an unregistered address has no LID.
 */
export function answerUsync(context: ServerContext, asker: string, query: BinaryNode): Answer {
  const usync = getBinaryNodeChild(query, 'usync');
  const wanted = getBinaryNodeChild(usync, 'query');
  const list = getBinaryNodeChild(usync, 'list');
  if (!usync || !wanted || !list) {
    return error(400, 'bad-request');
  }
  const protocols = Array.isArray(wanted.content) ? wanted.content.map((child) => child.tag) : [];
  const users = getBinaryNodeChildren(list, 'user');
  const answers = users.map((user) => answerUser(context, asker, user, protocols));
  if (context.behaviour.usync === 'silent') {
    return silence;
  }
  if (context.behaviour.usync === 'throttled') {
    return throttled(context, usync.attrs['sid'] ?? '');
  }
  const attrs = { sid: usync.attrs['sid'] ?? '', index: '0', last: 'true' };
  const found = answers.filter((answer) => answer !== undefined);
  return result(node('usync', attrs, [node('result'), node('list', {}, found)]));
}

/** Answers with a success whose result says that the contact protocol was refused: Baileys drops that part. */
function throttled({ behaviour }: ServerContext, sid: string): Answer {
  const refusal = node('contact', {}, [contactError('429', behaviour.usync_backoff_seconds)]);
  const attrs = { sid, index: '0', last: 'true' };
  return result(node('usync', attrs, [node('result', {}, [refusal]), node('list', {}, [])]));
}

const contactError = (code: string, backoff = 0): BinaryNode =>
  node('error', { code, text: 'error', ...(backoff > 0 && { backoff: String(backoff) }) });

function answerUser(
  context: ServerContext,
  asker: string,
  user: BinaryNode,
  protocols: readonly string[],
): BinaryNode | undefined {
  const phone = textOf(getBinaryNodeChild(user, 'contact'));
  const target = user.attrs['jid'] ?? phone ?? '';
  const jid = bareJid(target);
  if (jid === undefined) {
    return undefined;
  }
  const { kind, contact } = context.directory.resolve(jid);
  const byPhone = user.attrs['jid'] === undefined;
  const exists = contact.picture !== 'not_on_whatsapp' && (byPhone || kind === 'contact');
  const withLid = exists && context.behaviour.usync === 'with_lid' && protocols.includes('lid');
  const mode = context.behaviour.usync;
  const unanswered = { silent: 'silence', throttled: '429', with_lid: undefined, without_lid: undefined }[
    mode
  ];
  context.log.add({
    kind: 'usync',
    session: asker,
    target,
    type: protocols.join(','),
    answer: unanswered ?? describe(exists, withLid),
  });
  if (contact.usync === 'missing') {
    return undefined;
  }
  const content: BinaryNode[] = [];
  if (withLid) {
    content.push(node('lid', { val: context.directory.lidOf(contact) }));
  }
  if (protocols.includes('contact')) {
    content.push(contactNode(contact, exists, phone));
  }
  if (protocols.includes('devices') && exists) {
    content.push(node('devices', {}, [node('device-list', {}, [node('device', { id: '0' })])]));
  }
  if (protocols.includes('picture') && exists) {
    content.push(pictureNode(contact));
  }
  const registered = byPhone && exists ? contact.jid : jid;
  return contact.usync === 'by_lid' && exists
    ? node('user', { jid: context.directory.lidOf(contact), pn_jid: registered }, content)
    : node('user', { jid: registered }, content);
}

/** Says whether the person is on WhatsApp, and repeats the phone in the query. */
function contactNode(contact: Contact, exists: boolean, phone: string | undefined): BinaryNode {
  switch (contact.usync) {
    case 'none':
      return node('contact', { type: 'none' });
    case 'error':
      return node('contact', {}, [contactError('500')]);
    case 'throttled':
      return node('contact', {}, [contactError('429', 30)]);
    default: {
      const asked = phone === undefined ? undefined : Buffer.from(phone);
      return node('contact', { type: exists ? 'in' : 'out' }, asked);
    }
  }
}

/** Returns the id of the person's photo, or the reason why the answer has no id. */
function pictureNode(contact: Contact): BinaryNode {
  if (contact.picture === 'hidden' || contact.picture === 'guarded') {
    return node('picture', {}, [node('error', { code: '401', text: 'not-authorized' })]);
  }
  return hasPhoto(contact)
    ? node('picture', { id: pictureId(contact) })
    : node('picture', {}, [node('error', { code: '404', text: 'item-not-found' })]);
}

function describe(exists: boolean, withLid: boolean): string {
  if (!exists) {
    return 'out';
  }
  return withLid ? 'lid' : 'in';
}

function textOf(child: BinaryNode | undefined): string | undefined {
  const { content } = child ?? {};
  if (typeof content === 'string') {
    return content;
  }
  return content instanceof Uint8Array ? Buffer.from(content).toString('utf8') : undefined;
}
