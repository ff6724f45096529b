/** Addresses as inboxes, agents and contacts have them: whole, in lower case. */
import { Refusal } from '../../errors.ts'
import { explainAddress, formatAddress, parseAddress } from '../../mail/address.ts'

export const MAX_ADDRESSES = 100

/** The address as it is stored and compared, or a refusal that names the field. */
export function addressKey(text: string, pointer: string): string {
  const parsed = parseAddress(text.trim())
  const key = parsed && formatAddress(parsed).toLowerCase()
  if (key && key.length <= 320 && !/[\s",<>]/.test(key)) return key
  const why = explainAddress(text.trim())
  throw new Refusal('invalid_address', { text, ...(why !== null && { why }), pointer })
}

export interface InboxAddress {
  readonly address: string
  readonly maySend: boolean
}

/** The whole list with the inbox's own address, which always may send; each address once, in their order. */
export function withOwnAddress(own: string, others: readonly InboxAddress[]): InboxAddress[] {
  const list = new Map<string, InboxAddress>([[own, { address: own, maySend: true }]])
  for (const { address, maySend } of others) if (!list.has(address)) list.set(address, { address, maySend })
  if (list.size > MAX_ADDRESSES) throw new Refusal('too_many_addresses', { limit: MAX_ADDRESSES, pointer: '/addresses' })
  return [...list.values()].sort((a, b) => (a.address < b.address ? -1 : 1))
}
