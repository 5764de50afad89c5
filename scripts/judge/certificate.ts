import { generateKeyPairSync, getDiffieHellman, sign } from 'node:crypto';

/** A key and a certificate that it signs for itself, as PEM. */
export interface Certificate {
  readonly key: string;
  readonly certificate: string;
}

/** A certificate for `localhost` that is valid today: enough for a server that starts, and for a client that does not look at it. */
export function selfSigned(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const name = sequence(set(sequence(der(0x06, [0x55, 0x04, 0x03]), der(0x0c, Buffer.from('localhost')))));
  // sha256WithRSAEncryption, 1.2.840.113549.1.1.11
  const algorithm = sequence(
    der(0x06, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]),
    der(0x05, []),
  );
  const day = 86_400_000;
  const validity = sequence(time(Date.now() - day), time(Date.now() + 30 * day));
  const body = sequence(
    integer(Buffer.from([1])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: pem('CERTIFICATE', sequence(body, algorithm, signature)),
  };
}

/** Parameters for `ssl_dhparam`: a group that everyone knows, since making one takes minutes. */
export function dhParameters(): string {
  const group = getDiffieHellman('modp14');
  return pem('DH PARAMETERS', sequence(integer(group.getPrime()), integer(group.getGenerator())));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function set(...parts: readonly Buffer[]): Buffer {
  return der(0x31, Buffer.concat(parts));
}

/** A positive number; a zero goes before one that would look negative. */
function integer(bytes: Buffer): Buffer {
  return der(0x02, (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(digits));
}

function der(tag: number, content: Buffer | readonly number[]): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(bytes.length)]), bytes]);
}

function lengthOf(length: number): readonly number[] {
  if (length < 128) return [length];
  return length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
