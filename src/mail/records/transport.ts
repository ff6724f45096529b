import { parseTagList } from './tag-list.ts'

/** MTA-STS (RFC 8461) and TLS reports (RFC 8460): how mail *to* a domain is to be encrypted, and who is told when it is not. */

export function mtaStsTexts(texts: readonly string[]): string[] {
  return texts.filter((text) => /^v=STSv1\s*;/.test(text))
}

/** The id of a policy, which changes whenever the policy does; null when the record cannot be read. */
export function mtaStsId(text: string): string | null {
  const list = parseTagList(text)
  const id = list.ok ? list.tags.get('id') : undefined
  return id !== undefined && /^[A-Za-z0-9]{1,32}$/.test(id) ? id : null
}

export function tlsReportTexts(texts: readonly string[]): string[] {
  return texts.filter((text) => /^v=TLSRPTv1\s*;/.test(text))
}

/** Where the reports go; empty when the record names no place that can be reported to. */
export function tlsReportAddresses(text: string): string[] {
  const list = parseTagList(text)
  const addresses = list.ok ? (list.tags.get('rua') ?? '').split(',').map((uri) => uri.trim()) : []
  return addresses.filter((uri) => /^(mailto:.+@.+|https:\/\/.+)$/i.test(uri))
}

export function bimiTexts(texts: readonly string[]): string[] {
  return texts.filter((text) => /^v=BIMI1\s*;/.test(text))
}

/** The picture and, where there is one, the certificate that it is theirs. */
export function parseBimi(text: string): { readonly picture: string | null; readonly certificate: string | null } | null {
  const list = parseTagList(text)
  if (!list.ok) return null
  const url = (name: string) => {
    const value = list.tags.get(name) ?? ''
    return value === '' ? null : value
  }
  return { picture: url('l'), certificate: url('a') }
}
