import { SECOND } from '../../lib/clock.ts'

/** Fetches a small text. Throws `FetchFailed` for anything but a whole answer of success. */
export type FetchText = (
  url: string,
  options?: { readonly headers?: Readonly<Record<string, string>>; readonly maxBytes?: number },
) => Promise<string>

export class FetchFailed extends Error {
  override readonly name = 'FetchFailed'
}

const TIMEOUT_MS = 8 * SECOND
const MAX_BYTES = 64 * 1024

/** Follows no redirect: where something is was decided by who asked, not by who answers. */
export const fetchText: FetchText = async (url, { headers = {}, maxBytes = MAX_BYTES } = {}) => {
  const { host } = new URL(url)
  let response: Response
  try {
    response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (error) {
    throw new FetchFailed(`${host} could not be reached (${nameOf(error)})`)
  }
  try {
    const text = await readUpTo(response, maxBytes)
    if (text === null) throw new FetchFailed(`${host} answered with more than ${maxBytes / 1024} KB`)
    if (!response.ok) throw new FetchFailed(`${host} answered ${response.status}`)
    return text
  } catch (error) {
    throw error instanceof FetchFailed ? error : new FetchFailed(`the answer of ${host} broke off (${nameOf(error)})`)
  }
}

async function readUpTo(response: Response, maxBytes: number): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function nameOf(error: unknown): string {
  const { name, cause } = error as { name: string; cause?: { code?: string } }
  return cause?.code ?? (name === 'TimeoutError' ? 'no answer in time' : name)
}
