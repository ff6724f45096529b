import { isIP } from 'node:net'
import { isPrivateAddress } from '../net/private-address.ts'

/** Why an address cannot be a webhook's, in half a sentence; null when it can. A name is looked up when it is used, each time anew. */
export function whyNotUrl(text: string, allowPrivate: boolean): string | null {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) return 'it is no address that begins with https://'
  if (url.username !== '' || url.password !== '')
    return 'a user name or password in an address would be shown to everybody who may look'
  if (url.hash !== '') return 'the part after # is never sent'
  if (url.protocol === 'http:' && !allowPrivate)
    return 'what it would be sent is about people, so it has to be encrypted: https://'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const isInside = isIP(host) === 0 ? /(^|\.)localhost\.?$/i.test(host) : isPrivateAddress(host)
  return isInside && !allowPrivate ? `${host} is this machine or in a private network` : null
}
