import { createHash } from 'node:crypto'
import { relaxedBody } from './canonical.ts'

export type BodyHash = (body: string) => string

/** SHA-256 of the relaxed body, in base64. */
export function hashBody(body: string): string {
  return createHash('sha256').update(relaxedBody(body), 'latin1').digest('base64')
}

const MAX_BODIES = 32
const MAX_BYTES = 8 * 1024 * 1024

/** The same, remembering a few bodies: a newsletter's is one, however many get it. */
export function createBodyHash(): BodyHash {
  const known = new Map<string, string>()
  let bytes = 0
  return (body) => {
    const found = known.get(body)
    if (found !== undefined) return found
    const hash = hashBody(body)
    if (body.length > MAX_BYTES / 4) return hash
    for (const oldest of known.keys()) {
      if (known.size < MAX_BODIES && bytes + body.length <= MAX_BYTES) break
      known.delete(oldest)
      bytes -= oldest.length
    }
    known.set(body, hash)
    bytes += body.length
    return hash
  }
}
