import { type RequestOptions, request } from 'node:https'
import { rootCertificates } from 'node:tls'
import type { Resolver } from '../../../dns/resolver.ts'
import { SECOND } from '../../../lib/clock.ts'
import { isPrivateAddress } from '../../../net/private-address.ts'

export interface FetchOptions {
  readonly resolver: Resolver
  readonly allowPrivate: boolean
  /** 443, but in tests. */
  readonly port?: number
  /** Authorities beside the public ones, PEM. */
  readonly ca?: string | null
  readonly timeoutMs?: number
}

/** RFC 8461 §3.3: no more than a minute, and a small file; it is a few lines. */
const TIMEOUT_MS = 10 * SECOND
const MAX_BYTES = 64 * 1024

/**
 * The text of a domain's policy, or null. The name is looked up once and the address that was checked is the one that is dialled: a
 * recipient's domain must not make us ask the insides of our own network. Redirects are not followed (§3.3).
 */
export async function fetchPolicyText(domain: string, options: FetchOptions): Promise<string | null> {
  const host = `mta-sts.${domain}`
  const { resolver, allowPrivate, port = 443, ca = null, timeoutMs = TIMEOUT_MS } = options
  const answer = await resolver.addresses(host)
  const address = answer.ok ? answer.found.find((found) => allowPrivate || !isPrivateAddress(found.address)) : undefined
  if (address === undefined) return null
  return get(
    {
      host: address.address,
      port,
      servername: host,
      path: '/.well-known/mta-sts.txt',
      headers: { host },
      agent: false,
      minVersion: 'TLSv1.2',
      ...(ca !== null && { ca: [...rootCertificates, ca] }),
    },
    timeoutMs,
  )
}

function get(options: RequestOptions, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const asked = request(options, (response) => {
      const isText = /^text\/plain\b/i.test(response.headers['content-type'] ?? '')
      if (response.statusCode !== 200 || !isText) return end(null)
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_BYTES) end(null)
        else chunks.push(chunk)
      })
      response.on('end', () => end(response.complete ? Buffer.concat(chunks).toString('utf8') : null))
      response.on('error', () => end(null))
    })
    const limit = setTimeout(() => end(null), timeoutMs)
    const end = (text: string | null): void => {
      clearTimeout(limit)
      asked.destroy()
      resolve(text)
    }
    asked.on('error', () => end(null))
    asked.end()
  })
}
