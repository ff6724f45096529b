/** The local part is up to 64 octets (RFC 5321 §4.5.3.1.1); the domain must look like one, so that `pg@8.23.1` in a stack stays readable. */
const ADDRESS = /([^\s*"'\\<>(),:;@[\]]{1,64})@((?:[\p{L}\p{N}-]+\.)+\p{L}[\p{L}\p{N}-]*|localhost)/gu
const API_KEY = /\bwb_[A-Za-z0-9_-]{8,}/g
const BEARER = /\b(Bearer|Basic) [\w.~+/=-]{8,}/gi
const URL_PASSWORD = /([a-z][a-z0-9+.-]{1,15}:\/\/[^\s:@/"]{0,320}):[^\s@"]{1,512}@/gi

/** Takes secrets out of a text, and where `addresses` is set, people: `ann@example.org` becomes `a***@example.org`. */
export function maskLine(text: string, addresses: boolean): string {
  const masked = text.replace(API_KEY, 'wb_***').replace(BEARER, '$1 ***').replace(URL_PASSWORD, '$1:***@')
  return addresses ? maskAddresses(masked) : masked
}

/** Every mail address in the text, shortened. */
export function maskAddresses(text: string): string {
  return text.includes('@') ? text.replace(ADDRESS, (_, local: string, domain: string) => `${[...local][0]}***@${domain}`) : text
}
