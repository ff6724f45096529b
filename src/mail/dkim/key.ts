import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

export const DKIM_ALGORITHMS = ['rsa', 'ed25519'] as const
/** rsa-sha256 with 2048 bits (RFC 8301), and ed25519-sha256 (RFC 8463), which not every receiver reads yet. */
export type DkimAlgorithm = (typeof DKIM_ALGORITHMS)[number]

export interface SigningKey {
  readonly domain: string
  readonly selector: string
  readonly algorithm: DkimAlgorithm
  /** Parsed once: reading PEM costs several times the signature. */
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export interface KeyPair {
  readonly algorithm: DkimAlgorithm
  /** PKCS #8, PEM. */
  readonly privateKey: string
  /** As it stands after `p=` in the DNS. */
  readonly publicKey: string
}

const generate = promisify(generateKeyPair)

export async function generateDkimKey(algorithm: DkimAlgorithm): Promise<KeyPair> {
  const { privateKey, publicKey } =
    algorithm === 'rsa' ? await generate('rsa', { modulusLength: 2048 }) : await generate('ed25519', {})
  return {
    algorithm,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: toKeyData(publicKey),
  }
}

const ED25519_HEAD = Buffer.from('302a300506032b6570032100', 'hex')

/** RFC 6376 §3.6.1: an RSA key as SubjectPublicKeyInfo; RFC 8463 §4: an Ed25519 key as its 32 bytes alone. */
export function toKeyData(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' })
  return (key.asymmetricKeyType === 'ed25519' ? der.subarray(ED25519_HEAD.length) : der).toString('base64')
}

/** Null when it is no key. Some RSA keys are published without their envelope (PKCS #1); verifiers take both. */
export function readKeyData(algorithm: DkimAlgorithm, data: string): KeyObject | null {
  const bytes = Buffer.from(data.replace(/\s+/g, ''), 'base64')
  if (algorithm === 'ed25519') {
    if (bytes.length !== 32) return null
    return keyFrom(Buffer.concat([ED25519_HEAD, bytes]), 'spki')
  }
  const key = keyFrom(bytes, 'spki') ?? keyFrom(bytes, 'pkcs1')
  return key?.asymmetricKeyType === 'rsa' ? key : null
}

function keyFrom(der: Buffer, type: 'spki' | 'pkcs1'): KeyObject | null {
  try {
    return createPublicKey({ key: der, format: 'der', type })
  } catch {
    return null
  }
}

/** Throws when the text is no private key of that kind. */
export function toSigningKey(name: { domain: string; selector: string }, algorithm: DkimAlgorithm, pem: string): SigningKey {
  const privateKey = createPrivateKey(pem)
  if (privateKey.asymmetricKeyType !== algorithm) throw new TypeError(`not an ${algorithm} key: ${privateKey.asymmetricKeyType}`)
  return { ...name, algorithm, privateKey, publicKey: createPublicKey(privateKey) }
}

export function bitsOf(key: KeyObject): number {
  return key.asymmetricKeyDetails?.modulusLength ?? 256
}
