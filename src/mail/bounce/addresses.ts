/** Addresses within words, read as forgivingly as people write them. One pass, no alternatives: nothing here can take long. */
const ADDRESS = /[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u0080-\uffff-]{0,128}@[A-Za-z0-9.\u0080-\uffff-]{1,255}/g

export interface FoundAddress {
  readonly address: string
  readonly at: number
  readonly end: number
}

const LINE_MAX = 1_000

/** The addresses of one line, with where they stand in it. */
export function addressesIn(line: string): FoundAddress[] {
  return [...line.slice(0, LINE_MAX).matchAll(ADDRESS)].flatMap((match) => {
    const address = match[0].replace(/^['`]+/, '').replace(/[.\-'`]+$/, '')
    const at = match.index + match[0].indexOf(address)
    return isAddress(address) ? [{ address, at, end: at + address.length }] : []
  })
}

/** The address in a field such as `rfc822; Ann <ann@example.org>`; null where there is none. */
export function addressOf(value: string): string | null {
  const cut = value.slice(0, LINE_MAX)
  const inBrackets = /<([^<>\s]{3,384})>/.exec(cut)?.[1]
  if (inBrackets !== undefined && isAddress(inBrackets)) return inBrackets
  const bare = cut
    .replace(/^\s*[a-z0-9-]{1,20}\s*;/i, '')
    .trim()
    .replace(/^<|>$/g, '')
  if (isAddress(bare) || /^@[a-z0-9.-]{3,255}$/i.test(bare)) return bare
  return addressesIn(cut)[0]?.address ?? null
}

/** Equal for addresses that no server we know would tell apart. */
export function keyOf(address: string): string {
  return address.toLowerCase()
}

function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  return at > 0 && text.length <= 384 && !/\s/.test(text) && /^[^.\-@](?:[^@]{0,253}[^.\-@])?$/.test(text.slice(at + 1))
}
