import ipaddr from 'ipaddr.js'

const SHOWN_MAX = 300

/** What strangers or people wrote, safe to show: one line, no control characters, bounded. */
export function shown(text: string, max = SHOWN_MAX): string {
  const line = text
    .slice(0, 8 * max)
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
  return line.length > max ? `${line.slice(0, max - 1)}…` : line
}

/** "a, b and c". */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

/** A clause as a sentence. Failure sentences begin in lower case, to stand after "route X: "; names and addresses keep their case. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  const first = /^[a-z]+(?=[\s,'’])/.test(trimmed) ? trimmed.charAt(0).toUpperCase() + trimmed.slice(1) : trimmed
  return first === '' || /[.!?…]$/.test(first) ? first : `${first}.`
}

/** Where something is dialled: `10.0.0.5:587`, `[2001:db8::1]:587`. */
export function endpoint(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** An IPv4 address in its four-part form, or an IPv6 address. */
export function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)
}
