import { type WAMessage, isLidUser, isPnUser, jidNormalizedUser } from 'baileys';
import type { Clock } from '../../lookups/clock.js';
import type { Contacts } from '../../lookups/contacts.js';
import type { WASocket } from '../whatsapp/socket.js';
import type { BridgeEvent } from './event.js';
import { identify } from './person.js';
import { listenToPictures } from './picture-notifications.js';
import type { RecentWriters } from './recent-writers.js';

export interface ListenPorts {
  readonly clock: Clock;
  readonly contacts: Contacts;
  readonly writers: RecentWriters;
  readonly emit: (event: BridgeEvent) => void;
}

/** Turns the events of one socket into events for the receiver. */
export function listen(instanceId: string, socket: WASocket, ports: ListenPorts): void {
  const now = () => new Date(ports.clock.now()).toISOString();

  listenToPictures(socket, ports, (person, sighting) =>
    ports.emit({
      event: 'contacts.update',
      instance_id: instanceId,
      timestamp: now(),
      data: [{ ...person, ...sighting }],
    }),
  );

  socket.ev.on('lid-mapping.update', (mapping) => {
    const lid = jidNormalizedUser(mapping.lid);
    const jid = jidNormalizedUser(mapping.pn);
    if (!isLidUser(lid) || !isPnUser(jid)) return;
    ports.emit({
      event: 'lid-mapping.update',
      instance_id: instanceId,
      timestamp: now(),
      data: [{ lid, jid }],
    });
  });

  socket.ev.on('messages.upsert', ({ messages }) => {
    for (const message of messages) {
      const { key, pushName } = message;
      if (key.fromMe || !key.id) continue;
      const messageId = key.id;
      const timestamp = sentAt(message) ?? now();
      void identify(socket, ports.contacts, key.remoteJid, key.remoteJidAlt).then((person) => {
        if (!person || !ports.writers.isNews(instanceId, person)) return;
        ports.emit({
          event: 'messages.upsert',
          instance_id: instanceId,
          timestamp,
          data: [{ ...person, from_me: false, push_name: pushName ?? null, message_id: messageId }],
        });
      });
    }
  });
}

function sentAt({ messageTimestamp }: WAMessage): string | undefined {
  const seconds = Number(messageTimestamp ?? 0);
  return seconds > 0 ? new Date(seconds * 1_000).toISOString() : undefined;
}
