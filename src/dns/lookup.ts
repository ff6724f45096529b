import { setTimeout as sleep } from 'node:timers/promises'

/** Why there is no answer. The first two are the domain's word; the others say nothing about the name. */
export type LookupFailureKind = 'nxdomain' | 'nodata' | 'servfail' | 'timeout'

export interface LookupFailure {
  readonly ok: false
  readonly kind: LookupFailureKind
  readonly message: string
}

export type Lookup<Found> = { readonly ok: true; readonly found: Found } | LookupFailure

/** True of what the domain itself says; a server that failed or kept silent says nothing about the name. */
export function isAbsent(failure: LookupFailure): boolean {
  return failure.kind === 'nxdomain' || failure.kind === 'nodata'
}

/** What c-ares means. `what` is the record that was asked for, with its article: "no address", "no MX record". */
export function failureOf(error: unknown, name: string, what: string): LookupFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  switch (code) {
    case 'EBADNAME':
      return { ok: false, kind: 'nxdomain', message: `${name} is not a name that can exist` }
    case 'ENOTFOUND':
      return { ok: false, kind: 'nxdomain', message: `the name ${name} does not exist` }
    case 'ENODATA':
      return { ok: false, kind: 'nodata', message: `the name ${name} exists but has ${what}` }
    case 'ETIMEOUT':
    case 'ETIMEDOUT':
    case 'ECONNREFUSED':
      return { ok: false, kind: 'timeout', message: `no name server answered for ${name}` }
    default:
      return { ok: false, kind: 'servfail', message: `the name servers could not answer for ${name} (${code || String(error)})` }
  }
}

/** c-ares can outlast its own time-outs when a server sends junk; getaddrinfo has none. */
export async function within<T>(asked: Promise<T>, limitMs: number): Promise<T> {
  const stop = new AbortController()
  const late = sleep(limitMs, undefined, { signal: stop.signal, ref: false }).then(() => {
    throw Object.assign(new Error('no answer in time'), { code: 'ETIMEOUT' })
  })
  late.catch(() => {})
  try {
    return await Promise.race([asked, late])
  } finally {
    stop.abort()
  }
}
