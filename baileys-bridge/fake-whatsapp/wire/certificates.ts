import { Curve, type KeyPair, proto, WA_CERT_DETAILS } from 'baileys';

const { Details } = proto.CertChain.NoiseCertificate;

/** The identity that the chat server shows in every handshake. */
export interface ServerIdentity {
  staticKey: KeyPair;
  /** Encoded `CertChain`. */
  certificates: Uint8Array;
}

export function serverIdentity(root: KeyPair): ServerIdentity {
  const staticKey = Curve.generateKeyPair();
  return { staticKey, certificates: certificateChain(root, staticKey.public) };
}

/**
 * Creates the certificate chain that a chat server shows in the handshake: the root signs an intermediate key, which
 * signs the server's static key. Clients know only the root, and check that the intermediate key was issued under its
 * serial.
 */
function certificateChain(root: KeyPair, serverStaticKey: Uint8Array): Uint8Array {
  const intermediate = Curve.generateKeyPair();
  const intermediateDetails = Details.encode({
    serial: 1,
    issuerSerial: WA_CERT_DETAILS.SERIAL,
    key: intermediate.public,
  }).finish();
  const leafDetails = Details.encode({ serial: 2, issuerSerial: 1, key: serverStaticKey }).finish();
  return proto.CertChain.encode({
    intermediate: {
      details: intermediateDetails,
      signature: Curve.sign(root.private, intermediateDetails),
    },
    leaf: { details: leafDetails, signature: Curve.sign(intermediate.private, leafDetails) },
  }).finish();
}
