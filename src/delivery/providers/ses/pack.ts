import { formatAddress, parseAddressList } from '../../../mail/address.ts'
import { isAscii } from '../../../mail/characters.ts'
import { toSevenBit } from '../../../mail/downgrade.ts'
import { readHead } from '../../../mail/raw-head.ts'
import type { SesSettings } from '../../routes/route.ts'
import type { Parcel } from '../http/api-provider.ts'
import type { Handoff } from '../provider.ts'
import { SES_DELIVERY_TAG, SES_LIMITS } from './limits.ts'

/** What a call of SendEmail says, for every recipient the same but for one. */
interface Message {
  readonly from: string | null
  readonly data: string
}

export interface Unable {
  readonly kind: 'unable'
  readonly lack: Extract<Parcel, { kind: 'unable' }>['lack']
  readonly message: string
}

/**
 * The bodies of the calls that a handoff needs: one for each recipient. SES takes up to 50 in a call and answers for all of them with one
 * id, so that neither a refusal nor later news could be told apart.
 */
export function sesBodies(handoff: Handoff, settings: Pick<SesSettings, 'configuration_set'>): readonly string[] | Unable {
  const message = messageOf(handoff)
  if ('lack' in message) return message
  return handoff.recipients.map((recipient, index) =>
    JSON.stringify({
      ...(message.from !== null && { FromEmailAddress: message.from }),
      Destination: { ToAddresses: [recipient] },
      Content: { Raw: { Data: message.data } },
      EmailTags: [{ Name: SES_DELIVERY_TAG, Value: handoff.deliveryIds[index] }],
      ...(settings.configuration_set !== null && { ConfigurationSetName: settings.configuration_set }),
    }),
  )
}

function messageOf({ sender, recipients, content, internationalized }: Handoff): Message | Unable {
  if (sender === '')
    return unable('content', 'Amazon SES has no null sender, which this message needs so that no automatic answer comes back.')
  if (internationalized || ![sender, ...recipients].every(isAscii))
    return unable('smtputf8', 'Amazon SES does not support SMTPUTF8, which this address or header needs.')
  if (/[^\x00-\xff]/.test(content) || content.includes('\0'))
    return unable('wellformed', 'The message holds a character that mail cannot carry.')
  const lowered = toSevenBit(content)
  if (lowered === null) return unable('8bitmime', 'Amazon SES takes 7-bit content only, and the message cannot be re-encoded.')
  if (lowered !== content && /^dkim-signature:/im.test(headOf(content)))
    return unable('8bitmime', 'Amazon SES takes 7-bit content only, and re-encoding the message would break its signature.')
  if (lowered.length > SES_LIMITS.messageBytes)
    return unable('size', `The message has ${lowered.length} bytes, and Amazon SES takes at most ${SES_LIMITS.messageBytes}.`)
  if (hasLongLine(lowered))
    return unable('wellformed', `A line of the message has more than ${SES_LIMITS.lineBytes} bytes (RFC 5321 §4.5.3.1.6).`)
  return { from: fromOf(lowered), data: Buffer.from(lowered, 'latin1').toString('base64') }
}

/** The author, where there is exactly one: it names the identity that sends. Of several, SES reads the header itself. */
function fromOf(content: string): string | null {
  try {
    const from = readHead(content).fields.find(({ key }) => key === 'from')
    const { mailboxes } = parseAddressList(from?.value ?? '')
    const [first] = mailboxes
    return first && mailboxes.length === 1 ? formatAddress(first.address) : null
  } catch {
    return null
  }
}

function headOf(content: string): string {
  const end = content.indexOf('\r\n\r\n')
  return end === -1 ? content : content.slice(0, end)
}

function hasLongLine(content: string): boolean {
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf('\r\n', at)
    if ((end === -1 ? content.length : end) - at > SES_LIMITS.lineBytes) return true
    if (end === -1) return false
    at = end + 2
  }
  return false
}

function unable(lack: Unable['lack'], message: string): Unable {
  return { kind: 'unable', lack, message }
}
