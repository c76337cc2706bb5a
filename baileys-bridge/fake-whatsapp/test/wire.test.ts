import { createRequire } from 'node:module';
import { Curve, proto, WA_CERT_DETAILS } from 'baileys';
import { describe, expect, it } from 'vitest';
import { serverIdentity } from '../wire/certificates.js';
import { frame, FrameReader } from '../wire/frames.js';

// Baileys' own Curve.verify accepts every well-formed signature, so it cannot check anything here.
const { verifySignature } = createRequire(import.meta.url)('libsignal/src/curve.js') as {
  verifySignature: (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
};

const signed = (key: Uint8Array, certificate: proto.CertChain.INoiseCertificate | null | undefined) =>
  verifySignature(
    Buffer.concat([Buffer.from([5]), key]),
    certificate?.details ?? new Uint8Array(),
    certificate?.signature ?? new Uint8Array(),
  );

describe('the certificates of the chat server, we believe', () => {
  it('lead from the root key to the key of the handshake', () => {
    const root = Curve.generateKeyPair();

    const { staticKey, certificates } = serverIdentity(root);

    const { intermediate, leaf } = proto.CertChain.decode(certificates);
    const { Details } = proto.CertChain.NoiseCertificate;
    const issuer = Details.decode(intermediate?.details ?? new Uint8Array());
    const subject = Details.decode(leaf?.details ?? new Uint8Array());
    expect(signed(root.public, intermediate)).toBe(true);
    expect(signed(Curve.generateKeyPair().public, intermediate)).toBe(false);
    expect(issuer.issuerSerial).toBe(WA_CERT_DETAILS.SERIAL);
    expect(signed(issuer.key ?? new Uint8Array(), leaf)).toBe(true);
    expect(Buffer.from(subject.key ?? [])).toEqual(Buffer.from(staticKey.public));
  });
});

describe('the byte stream of a client, we believe', () => {
  const header = Buffer.from([0x57, 0x41, 6, 3]);
  const routing = Buffer.from([0x45, 0x44, 0, 1, 0, 0, 2, 0xaa, 0xbb]);

  it('opens with the header of WhatsApp, and carries frames after their lengths', () => {
    const reader = new FrameReader();
    const bytes = Buffer.concat([header, frame(Buffer.from('one')), frame(Buffer.from('two'))]);

    expect([...reader.read(bytes)].map(String)).toEqual(['one', 'two']);
    expect(reader.routingInfo).toBeUndefined();
  });

  it('may be cut anywhere, with routing info in front', () => {
    const reader = new FrameReader();
    const bytes = Buffer.concat([routing, header, frame(Buffer.from('one')), frame(Buffer.from(''))]);

    const frames = [...bytes].flatMap((byte) => [...reader.read(Buffer.from([byte]))]);

    expect(frames.map(String)).toEqual(['one', '']);
    expect(reader.routingInfo?.toString('hex')).toBe('aabb');
  });

  it('is refused with another header', () => {
    const reader = new FrameReader();

    expect(() => [...reader.read(Buffer.from('GET / HTTP/1.1'))]).toThrow('not a WhatsApp stream');
  });
});
