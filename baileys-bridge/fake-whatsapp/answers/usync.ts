import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from 'baileys';
import type { ServerContext } from '../context.js';
import { bareJid } from '../directory/jids.js';
import { type Answer, error, node, result, silence } from '../wire/nodes.js';

/**
 * Answers `usync` queries: who is on WhatsApp, under which address and LID, with which devices.
 *
 * Asked by phone number, the answer carries the address that the number is registered under, which for Brazilian,
 * Mexican and Argentine numbers may differ from what was asked. Asked by address, it repeats that address, and an
 * address under which nobody is registered gets no LID.
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
  const attrs = { sid: usync.attrs['sid'] ?? '', index: '0', last: 'true' };
  const found = answers.filter((answer) => answer !== undefined);
  return result(node('usync', attrs, [node('result'), node('list', {}, found)]));
}

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
  const silent = context.behaviour.usync === 'silent';
  context.log.add({
    kind: 'usync',
    session: asker,
    target,
    type: protocols.join(','),
    answer: silent ? 'silence' : describe(exists, withLid),
  });
  const content: BinaryNode[] = [];
  if (withLid) {
    content.push(node('lid', { val: context.directory.lidOf(contact) }));
  }
  if (protocols.includes('contact')) {
    content.push(node('contact', { type: exists ? 'in' : 'out' }));
  }
  if (protocols.includes('devices') && exists) {
    content.push(node('devices', {}, [node('device-list', {}, [node('device', { id: '0' })])]));
  }
  return node('user', { jid: byPhone && exists ? contact.jid : jid }, content);
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
