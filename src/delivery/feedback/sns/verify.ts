import { createVerify, type KeyObject, X509Certificate } from 'node:crypto'
import { DAY } from '../../../lib/clock.ts'
import type { FetchText } from '../fetch-text.ts'
import type { TellingKind } from '../inlet.ts'
import { type Envelope, signedText } from './envelope.ts'
import { chainUrl, isCertificateUrl } from './places.ts'

/** Says whether an envelope is the service's own. Null: it is; else why it is not, in words that follow "because". Throws `FetchFailed`. */
export type VerifyEnvelope = (kind: TellingKind, envelope: Envelope, now: Date) => Promise<string | null>

const KEPT_MS = DAY
const KEPT_AT_MOST = 50
const MAX_CHAIN = 10

/** Certificates are fetched once a day each; the services change theirs once a year or so, under a new name. */
export function createVerifier(fetchText: FetchText): VerifyEnvelope {
  const kept = new Map<string, { readonly text: string; readonly until: number }>()

  async function fetchKept(url: string, now: Date): Promise<string> {
    const known = kept.get(url)
    if (known && known.until > now.getTime()) return known.text
    const text = await fetchText(url)
    kept.delete(url)
    for (const oldest of kept.keys()) if (kept.size >= KEPT_AT_MOST) kept.delete(oldest)
    kept.set(url, { text, until: now.getTime() + KEPT_MS })
    return text
  }

  return async (kind, envelope, now) => {
    if (!isCertificateUrl(kind, envelope.SigningCertURL)) return 'its certificate is not at a place of the service'
    const certificate = parseCertificate(await fetchKept(envelope.SigningCertURL, now))
    if (!certificate) return 'what is at the address of its certificate is none'
    const chain = chainUrl(kind, envelope.TopicArn)
    if (chain !== null && !isIssuedBy(certificate, await fetchKept(chain, now)))
      return "its certificate was not issued by the service's authority"
    return isSigned(envelope, certificate.publicKey) ? null : 'its signature is wrong'
  }
}

/** Version 1 signs with SHA-1, version 2 with SHA-256. */
function isSigned(envelope: Envelope, key: KeyObject): boolean {
  if (key.asymmetricKeyType !== 'rsa') return false
  const verify = createVerify(envelope.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256')
  return verify.update(signedText(envelope), 'utf8').verify(key, envelope.Signature, 'base64')
}

/** True when one of the authorities signed it, or it is one of them. */
function isIssuedBy(certificate: X509Certificate, chain: string): boolean {
  const authorities = (chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [])
    .slice(0, MAX_CHAIN)
    .flatMap((pem) => parseCertificate(pem) ?? [])
  return authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey))
}

function parseCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}
