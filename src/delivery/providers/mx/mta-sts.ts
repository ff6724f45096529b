import { DAY, SECOND } from '../../../lib/clock.ts'

/** What a domain demands of whoever delivers to it (RFC 8461 §3.2). `mx`: names or `*.example.org`, lower case. */
export interface MtaStsPolicy {
  readonly mode: 'enforce' | 'testing' | 'none'
  readonly mx: readonly string[]
}

const MAX_MX = 100
/** RFC 8461 §3.2: about a year. */
const MAX_AGE_SECONDS = 31_557_600

/** Null where the text is no policy. Unknown fields are passed over; of one that may stand only once the first counts. */
export function parsePolicy(text: string): (MtaStsPolicy & { readonly maxAgeMs: number }) | null {
  const fields = text.split(/\r?\n/).flatMap((line) => {
    const found = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,31})[ \t]*:[ \t]*(.*?)[ \t]*$/.exec(line)
    return found ? [{ name: found[1] ?? '', value: found[2] ?? '' }] : []
  })
  const first = (name: string): string => fields.find((field) => field.name === name)?.value ?? ''
  const mode = first('mode')
  if (fields[0]?.name !== 'version' || fields[0].value !== 'STSv1') return null
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none') return null
  if (!/^\d{1,10}$/.test(first('max_age'))) return null
  const mx = fields.flatMap(({ name, value }) => (name === 'mx' && isPattern(value) ? [value.toLowerCase()] : []))
  if (mode !== 'none' && mx.length === 0) return null
  const maxAgeMs = Math.min(Number(first('max_age')), MAX_AGE_SECONDS) * SECOND
  return { mode, mx: mx.slice(0, MAX_MX), maxAgeMs }
}

function isPattern(text: string): boolean {
  return text.length <= 255 && /^(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.?$/.test(text)
}

/** RFC 8461 §4.1: a wildcard stands for exactly one label, the leftmost. */
export function matchesPolicy(host: string, { mx }: MtaStsPolicy): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  return mx.some((written) => {
    const pattern = written.replace(/\.$/, '')
    return pattern.startsWith('*.')
      ? name.includes('.') && name.slice(name.indexOf('.') + 1) === pattern.slice(2)
      : name === pattern
  })
}

/** A policy that would be over within the day is worth fetching again, even if its id has not changed. */
export const RENEW_BEFORE_MS = DAY
