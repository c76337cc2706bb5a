import type { FastifyInstance, FastifyReply } from 'fastify';
import QRCode from 'qrcode';
import { z } from 'zod';
import type { Instance } from '../instances/instance-ports.js';
import { qrPage } from './qr-page.js';
import type { BridgeApi } from './api.js';
import { instanceParams, parse } from './validation.js';

export const qrQuery = z.object({ format: z.enum(['json', 'png', 'html']).optional() });

/**
 * The QR code as JSON, as PNG, or as a page for people. Reading it changes nothing: `POST /instances/{id}` wakes an
 * instance that gave up waiting.
 */
export function qrRoutes(app: FastifyInstance, { supervisor }: BridgeApi): void {
  app.get('/instances/:id/qr', async (request, reply) => {
    const { id } = parse(instanceParams, request.params);
    // A page of another site must not show the code, even if the browser knows the password.
    const site = request.headers['sec-fetch-site'] ?? 'none';
    if (site !== 'none' && site !== 'same-origin') return reply.code(403).send({ status: 'cross_site' });
    const { format = preferred(request.headers.accept) } = parse(qrQuery, request.query);
    const instance = supervisor.local(id);
    if (!instance) return reply.code(404).send({ status: 'unknown_instance' });
    reply.header('Cache-Control', 'no-store');
    switch (format) {
      case 'json':
        return { state: instance.status().state, qr: instance.qr() ?? null };
      case 'png':
        return sendPng(reply, instance);
      case 'html':
        return sendPage(reply, instance);
    }
  });
}

function preferred(accept = ''): 'json' | 'png' | 'html' {
  if (accept.includes('text/html')) return 'html';
  return accept.includes('image/png') ? 'png' : 'json';
}

async function sendPng(reply: FastifyReply, instance: Instance): Promise<FastifyReply> {
  const qr = instance.qr();
  if (qr === undefined) return reply.code(409).send({ status: 'no_qr', state: instance.status().state });
  return reply.type('image/png').send(await QRCode.toBuffer(qr, { width: 400, margin: 2 }));
}

async function sendPage(reply: FastifyReply, instance: Instance): Promise<FastifyReply> {
  const qr = instance.qr();
  const svg = qr === undefined ? undefined : await QRCode.toString(qr, { type: 'svg', margin: 2 });
  return reply
    .type('text/html; charset=utf-8')
    .header(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    )
    .header('Referrer-Policy', 'no-referrer')
    .send(qrPage(instance.id, instance.status(), svg));
}
