import { Curve, NOISE_WA_HEADER, proto } from 'baileys';
import type { ServerIdentity } from './certificates.js';
import { NoiseResponder, type NoiseTransport } from './noise.js';

export interface HandshakeResult {
  transport: NoiseTransport;
  /** The device's long-lived noise key, which identifies a paired device. */
  deviceKey: string;
  payload: proto.ClientPayload;
}

/** The server's half of a connection's handshake: `hello` answers the first frame, `finish` reads the second. */
export class Handshake {
  private readonly noise = new NoiseResponder(NOISE_WA_HEADER);
  private readonly ephemeral = Curve.generateKeyPair();

  constructor(private readonly server: ServerIdentity) {}

  hello(frame: Uint8Array): Uint8Array {
    const clientEphemeral = proto.HandshakeMessage.decode(frame).clientHello?.ephemeral;
    if (!clientEphemeral) {
      throw new Error('client hello without an ephemeral key');
    }
    this.noise.mixHash(clientEphemeral);
    this.noise.mixHash(this.ephemeral.public);
    this.noise.mixKey(Curve.sharedKey(this.ephemeral.private, clientEphemeral));
    const encryptedStatic = this.noise.encryptAndHash(this.server.staticKey.public);
    this.noise.mixKey(Curve.sharedKey(this.server.staticKey.private, clientEphemeral));
    const payload = this.noise.encryptAndHash(this.server.certificates);
    return proto.HandshakeMessage.encode({
      serverHello: { ephemeral: this.ephemeral.public, static: encryptedStatic, payload },
    }).finish();
  }

  finish(frame: Uint8Array): HandshakeResult {
    const { clientFinish } = proto.HandshakeMessage.decode(frame);
    if (!clientFinish?.static || !clientFinish.payload) {
      throw new Error('client finish without key or payload');
    }
    const deviceKey = this.noise.decryptAndHash(clientFinish.static);
    this.noise.mixKey(Curve.sharedKey(this.ephemeral.private, deviceKey));
    const payload = proto.ClientPayload.decode(this.noise.decryptAndHash(clientFinish.payload));
    return { transport: this.noise.split(), deviceKey: deviceKey.toString('base64'), payload };
  }
}
