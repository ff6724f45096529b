import { createHash, type KeyObject, verify as verifyNow } from 'node:crypto'
import { parseTagList } from '../records/tag-list.ts'
import { hashBody } from './body-hash.ts'
import { byName, nameOf, relaxedHeader, signedHeaders, splitMail } from './canonical.ts'
import type { DkimAlgorithm } from './key.ts'

export interface Verdict {
  readonly domain: string
  readonly selector: string
  readonly pass: boolean
  /** Why not; null when it passes. */
  readonly why: string | null
}

/** The public key of a selector; null when there is none. */
export type FindKey = (domain: string, selector: string) => { algorithm: DkimAlgorithm; key: KeyObject } | null

const MAX_SIGNATURES = 10

/**
 * Looks at a mail's signatures as a receiver does (RFC 6376 §6), from the finished bytes alone. It reads relaxed/relaxed, which is what we
 * write: other forms are told as not readable, never as passing.
 */
export async function verifyDkim(content: string, findKey: FindKey): Promise<Verdict[]> {
  const { headers, body } = splitMail(content)
  const signatures = headers.filter((raw) => nameOf(raw) === 'dkim-signature').slice(0, MAX_SIGNATURES)
  if (signatures.length === 0) return []
  const named = byName(headers)
  const bodyHash = hashBody(body)
  return Promise.all(signatures.map((raw) => verifyOne(raw, named, bodyHash, findKey)))
}

async function verifyOne(
  raw: string,
  named: ReadonlyMap<string, readonly string[]>,
  bodyHash: string,
  findKey: FindKey,
): Promise<Verdict> {
  const list = parseTagList(raw.slice(raw.indexOf(':') + 1).replace(/\r\n/g, ''))
  if (!list.ok) return { domain: '', selector: '', pass: false, why: list.why }
  const tag = (name: string) => (list.tags.get(name) ?? '').replace(/\s+/g, '')
  const [domain, selector] = [tag('d').toLowerCase(), tag('s').toLowerCase()]
  const verdict = (why: string | null): Verdict => ({ domain, selector, pass: why === null, why })

  const problem = unreadable(tag, list.tags)
  if (problem) return verdict(problem)
  const found = findKey(domain, selector)
  if (!found) return verdict(`there is no key ${selector}._domainkey.${domain}`)
  if (tag('a') !== `${found.algorithm}-sha256`) return verdict(`it is made with ${tag('a')}, the key is for ${found.algorithm}`)
  if (tag('bh') !== bodyHash) return verdict('the body was changed after it was signed')
  // RFC 6376 §3.5: the signature itself counts as empty, wherever it stands among the tags.
  const unsigned = relaxedHeader(raw.replace(/((?:^|[;:])[ \t\r\n]*b[ \t\r\n]*=)[^;]*/, '$1'))
  const text = Buffer.from(`${signedHeaders(tag('h').split(':'), named)}${unsigned}`, 'latin1')
  const isRight = await isSignatureOf(text, Buffer.from(tag('b'), 'base64'), found)
  return verdict(isRight ? null : 'a signed header was changed after it was signed, or the key is another one')
}

function unreadable(tag: (name: string) => string, tags: ReadonlyMap<string, string>): string | null {
  if (tag('v') !== '1') return 'it is not of version 1'
  if (tag('c').toLowerCase() !== 'relaxed/relaxed') return `its canonicalisation ${tag('c') || 'simple/simple'} is not read here`
  if (tags.has('l')) return 'it covers only part of the body'
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(tag('b'))) return 'its b= is not base64'
  const names = tag('h').toLowerCase().split(':')
  if (!names.includes('from')) return 'it does not cover From'
  return null
}

function isSignatureOf(
  text: Buffer,
  signature: Buffer,
  { algorithm, key }: { algorithm: DkimAlgorithm; key: KeyObject },
): Promise<boolean> {
  const [digest, input] = algorithm === 'rsa' ? ['sha256', text] : [null, createHash('sha256').update(text).digest()]
  return new Promise((resolve, reject) => {
    verifyNow(digest, input, key, signature, (error, isRight) => (error ? reject(error) : resolve(isRight)))
  })
}
