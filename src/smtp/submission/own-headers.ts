import { STREAMS, type Stream } from '../../delivery/stream.ts'
import { MAX_METADATA, MAX_METADATA_NAME, MAX_METADATA_TEXT, MAX_TAG, MAX_TAGS } from '../../gateway/send-request.ts'
import { decodeWords } from '../../mail/encoded-word.ts'
import { cleanText, type Field } from '../../mail/raw-head.ts'

/** What an application tells us in headers of the mail, for SMTP has no other place. None of them is sent on. */
export interface OwnHeaders {
  readonly stream: Stream | null
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  readonly idempotencyKey: string | null
}

export type OwnHeadersAnswer = { readonly ok: true; readonly headers: OwnHeaders } | { readonly ok: false; readonly why: string }

const PREFIX = 'x-waybill-'
const METADATA = 'x-waybill-metadata-'
const KNOWN = 'X-Waybill-Stream, X-Waybill-Tag, X-Waybill-Idempotency-Key and X-Waybill-Metadata-…'
const IDEMPOTENCY_KEY = /^[\x21-\x7e]([\x20-\x7e]{0,254}[\x21-\x7e])?$/

export function isOwnHeader({ key }: Pick<Field, 'key'>): boolean {
  return key.startsWith(PREFIX)
}

/** A wrong one refuses the mail: an application that means something by it must hear that it was not understood. */
export function readOwnHeaders(fields: readonly Field[]): OwnHeadersAnswer {
  let stream: Stream | null = null
  let idempotencyKey: string | null = null
  const tags = new Set<string>()
  const metadata: Record<string, string> = {}
  for (const field of fields) {
    if (!isOwnHeader(field)) continue
    const value = cleanText(decodeWords(field.value)).trim()
    if (field.key === 'x-waybill-stream') {
      const named = STREAMS.find((known) => known === value.toLowerCase())
      if (!named || (stream !== null && stream !== named)) return no(`X-Waybill-Stream is one of ${STREAMS.join(', ')}.`)
      stream = named
    } else if (field.key === 'x-waybill-tag') {
      for (const tag of value.split(',').map((part) => part.trim())) if (tag !== '') tags.add(tag)
      if (tags.size > MAX_TAGS || [...tags].some((tag) => tag.length > MAX_TAG))
        return no(`X-Waybill-Tag may give ${MAX_TAGS} tags of ${MAX_TAG} characters each.`)
    } else if (field.key === 'x-waybill-idempotency-key') {
      if (!IDEMPOTENCY_KEY.test(value) || (idempotencyKey !== null && idempotencyKey !== value))
        return no('X-Waybill-Idempotency-Key takes 1 to 256 printable ASCII characters, once.')
      idempotencyKey = value
    } else if (field.key.startsWith(METADATA) && field.key.length > METADATA.length) {
      metadata[field.key.slice(METADATA.length)] = value
      if (
        Object.keys(metadata).length > MAX_METADATA ||
        field.key.length - METADATA.length > MAX_METADATA_NAME ||
        value.length > MAX_METADATA_TEXT
      )
        return no(`X-Waybill-Metadata-… may give ${MAX_METADATA} values of ${MAX_METADATA_TEXT} characters each.`)
    } else return no(`I do not know the header ${field.name.slice(0, 60)}. Known are ${KNOWN}.`)
  }
  return { ok: true, headers: { stream, tags: [...tags], metadata, idempotencyKey } }
}

function no(why: string): OwnHeadersAnswer {
  return { ok: false, why }
}
