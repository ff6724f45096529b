import type { Examination } from './examination.ts'
import { isAddress } from './text.ts'
import type { TlsTarget } from './wire.ts'

/** The name under which a host is asked for, exactly as sending does it. */
export function tlsTarget(exam: Examination): TlsTarget {
  const { host } = exam.input
  return { host, servername: isAddress(host) ? null : host, certificateAuthorities: exam.deps.certificateAuthorities ?? null }
}
