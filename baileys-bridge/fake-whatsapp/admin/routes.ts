import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { createControl } from '../control.js';
import { type Contact, hasPhoto } from '../directory/contact.js';
import { pictureId } from '../directory/picture-id.js';
import { FakeWhatsAppError } from '../errors.js';
import * as schemas from './schemas.js';

type Control = ReturnType<typeof createControl>;
interface ByContact {
  Params: { contact: string };
}
interface ByUser {
  Params: { user: string };
}

/** The admin API: each route reads its body and calls the method of the same name. See README.md for the bodies. */
export function adminRoutes(app: FastifyInstance, control: Control, rootPublicKey: string): void {
  app.get('/health', () => ({ status: 'ok', sessions: control.sessions().length }));
  app.get('/admin/root-key', () => ({ publicKey: rootPublicKey }));

  app.post('/admin/scan', ({ body }) => control.scan(read(schemas.scan, body)));
  app.post('/admin/pairing-code', ({ body }) => control.enterPairingCode(read(schemas.pairingCode, body)));

  app.put('/admin/contacts', ({ body }) => ({
    contacts: control.setContacts(read(schemas.contactList, body).contacts),
  }));
  app.put<ByContact>('/admin/contacts/:contact', ({ params, body }) =>
    describeContact(control, control.setContact(params.contact, read(schemas.contactSettings, body))),
  );
  app.get<ByContact>('/admin/contacts/:contact', ({ params }) =>
    describeContact(control, control.contact(params.contact)),
  );
  app.post<ByContact>('/admin/contacts/:contact/change', ({ params, body }) =>
    control.changePicture(params.contact, read(schemas.notification, body ?? {}).from),
  );
  app.post<ByContact>('/admin/contacts/:contact/remove', ({ params, body }) =>
    control.removePicture(params.contact, read(schemas.notification, body ?? {}).from),
  );
  app.post<ByContact>('/admin/contacts/:contact/notify', ({ params, body }) => {
    const { kind, from } = read(schemas.otherNotification, body);
    return control.notify(params.contact, kind, from);
  });
  app.post('/admin/privacy-tokens', ({ body }) => ({
    sessions: control.sendPrivacyToken(read(schemas.privacyToken, body)),
  }));
  app.put<ByUser>('/admin/restrictions/:user', ({ params, body }) => ({
    sessions: control.restrict(params.user, read(schemas.restriction, body).until),
  }));
  app.get('/admin/acknowledgements', () => ({ acknowledgements: control.acknowledgements() }));
  app.get<ByContact>('/admin/contacts/:contact/image', ({ params, query }, reply) => {
    const image = control.image(params.contact, read(schemas.imageQuery, query).type);
    if (!image) {
      throw new FakeWhatsAppError('not_found', 'contact', 'has no photo now');
    }
    return reply.type(image.contentType).send(image.bytes);
  });

  app.post('/admin/messages', ({ body }) => control.sendMessage(read(schemas.message, body)));

  app.get('/admin/requests', ({ query }) => {
    const requests = control.requests(read(schemas.requestsQuery, query).since);
    return { requests };
  });
  app.delete('/admin/requests', (_request, reply) => {
    control.clearRequests();
    return reply.code(204).send();
  });

  app.get('/admin/sessions', () => ({ sessions: control.sessions() }));
  app.post<ByUser>('/admin/sessions/:user/close', ({ params, body }) => {
    const closed = control.closeSessions(params.user, read(schemas.closing, body).how);
    if (closed === 0) {
      throw new FakeWhatsAppError('not_found', 'user', 'is not logged in');
    }
    return { closed };
  });
  app.put<ByUser>('/admin/logins/:user', ({ params, body }) => {
    const { failure, times, expire_seconds } = read(schemas.loginFailure, body);
    control.failLogins(params.user, failure, times, expire_seconds);
    return { user: params.user, failure, times: times ?? null };
  });

  app.get('/admin/behaviour', () => control.behaviour());
  app.put('/admin/behaviour', ({ body }) => {
    return control.setBehaviour(read(schemas.behaviour, body));
  });
}

/** Checks a body or query against its schema. The error names the first field that is wrong. */
function read<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  const field = [...(issue?.path ?? []), ...keys.slice(0, 1)].join('.');
  throw new FakeWhatsAppError('invalid', field || 'body', issue?.message ?? 'is invalid');
}

function describeContact(control: Control, contact: Contact) {
  const { jid, picture, version, throttleLeft, linkTtlSeconds, cdn } = contact;
  return {
    jid,
    lid: control.lidOf(jid),
    picture,
    picture_id: hasPhoto(contact) ? pictureId(contact) : null,
    version,
    throttle_times: throttleLeft,
    link_ttl_seconds: linkTtlSeconds,
    cdn,
  };
}
