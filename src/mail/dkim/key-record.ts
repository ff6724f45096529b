import type { KeyObject } from 'node:crypto'
import { parseTagList } from '../records/tag-list.ts'
import { bitsOf, type DkimAlgorithm, readKeyData } from './key.ts'

/** A key as the DNS has it (RFC 6376 §3.6.1). */
export type KeyRecord =
  | {
      readonly kind: 'key'
      readonly algorithm: DkimAlgorithm
      readonly data: string
      readonly key: KeyObject
      readonly bits: number
      readonly testing: boolean
    }
  /** `p=` without a value: whatever was signed with it is to be taken as unsigned. */
  | { readonly kind: 'revoked' }
  | { readonly kind: 'invalid'; readonly why: string }

export function parseKeyRecord(text: string): KeyRecord {
  const list = parseTagList(text)
  if (!list.ok) return invalid(list.why)
  const { tags } = list
  const version = tags.get('v')
  if (version !== undefined && version !== 'DKIM1') return invalid(`it begins with v=${version} instead of v=DKIM1`)
  if (version !== undefined && tags.keys().next().value !== 'v') return invalid('v=DKIM1 must come first')
  const data = tags.get('p')?.replace(/\s+/g, '')
  if (data === undefined) return invalid('it has no p=, which holds the key')
  if (data === '') return { kind: 'revoked' }
  const type = tags.get('k') ?? 'rsa'
  if (type !== 'rsa' && type !== 'ed25519') return invalid(`k=${type} is not a kind of key that verifiers know`)
  const hashes = tags.get('h')
  if (hashes !== undefined && !listed(hashes).includes('sha256')) return invalid(`h=${hashes} leaves out sha256`)
  const services = tags.get('s')
  if (services !== undefined && !listed(services).some((service) => service === '*' || service === 'email'))
    return invalid(`s=${services} leaves out email`)
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return invalid('p= holds something that is not base64')
  const key = readKeyData(type, data)
  if (!key) return invalid(`p= holds no ${type === 'rsa' ? 'RSA' : 'Ed25519'} key: it may have been cut off when it was pasted`)
  return { kind: 'key', algorithm: type, data, key, bits: bitsOf(key), testing: listed(tags.get('t') ?? '').includes('y') }
}

/** The value of the TXT record for a key. */
export function formatKeyRecord(algorithm: DkimAlgorithm, data: string): string {
  return `v=DKIM1; k=${algorithm}; p=${data}`
}

function listed(value: string): string[] {
  return value.split(':').map((item) => item.trim())
}

function invalid(why: string): KeyRecord {
  return { kind: 'invalid', why }
}
