import { decodeCharset } from '../charset.ts'
import type { Entity } from './entity.ts'
import { unflow } from './flowed.ts'
import { decodeTransfer } from './transfer-decode.ts'

/** The words of a mail by representation, and everything that came along. */
export interface Contents {
  /** One entry a place in the mail: the words there as text, as HTML, or as both. */
  readonly places: readonly Place[]
  readonly files: readonly FilePart[]
}

export interface Place {
  readonly text: string[]
  readonly html: string[]
}

export interface FilePart {
  readonly entity: Entity
  /** In a multipart/related: its Content-ID is meant to be shown where the HTML names it. */
  readonly isRelated: boolean
}

/** Sorts the leaves of a mail into its words and its files, as mail programs do (RFC 8621 §4.1.4). No leaf is left out. */
export function contentsOf(root: Entity): Contents {
  const places: Place[] = []
  const files: FilePart[] = []
  const visit = (entity: Entity, alternative: Place | null, isRelated: boolean, isFirst: boolean): void => {
    if (entity.parts !== null) {
      const place = entity.type.value === 'multipart/alternative' ? newPlace() : alternative
      entity.parts.forEach((part, index) => {
        visit(part, place, isRelated || entity.type.value === 'multipart/related', index === 0)
      })
      return
    }
    if (!isWords(entity, isFirst)) {
      if (entity.body.length > 0 || entity.disposition !== null || !entity.type.value.startsWith('text/'))
        files.push({ entity, isRelated })
      return
    }
    const place = alternative ?? newPlace()
    const isHtml = entity.type.value === 'text/html'
    const begin = beginOf(entity, isHtml ? HTML_BYTES : TEXT_BYTES)
    if (begin !== entity) files.push({ entity, isRelated })
    if (isHtml) place.html.push(htmlOf(begin))
    else place.text.push(begin === entity ? textOf(entity) : `${textOf(begin)}\n${REST_IS_A_FILE}\n`)
  }
  const newPlace = (): Place => {
    const place: Place = { text: [], html: [] }
    places.push(place)
    return place
  }
  visit(root, null, false, true)
  return { places, files }
}

/** As long as anybody reads, as they came; pictures may stand in HTML. A log of 50 MB would be kept as words, and searched, ten times over. */
const TEXT_BYTES = 4 * 1024 * 1024
const HTML_BYTES = 20 * 1024 * 1024
const REST_IS_A_FILE = '[This text is longer. All of it is in the attached file.]'

/** Itself, or what stands before the last line end within so many bytes. */
function beginOf(entity: Entity, bytes: number): Entity {
  if (entity.body.length <= bytes) return entity
  const lineEnd = entity.body.lastIndexOf(10, bytes)
  return { ...entity, body: entity.body.subarray(0, lineEnd === -1 ? bytes : lineEnd + 1) }
}

/** Text to be read where it stands. What has a name is a file, unless it is the first thing there: some programs name the body itself. */
function isWords({ type, disposition }: Entity, isFirst: boolean): boolean {
  if (type.value !== 'text/plain' && type.value !== 'text/html') return false
  if (disposition?.value === 'attachment') return false
  return isFirst || !(type.parameters.get('name') || disposition?.parameters.get('filename'))
}

export function textOf({ type, encoding, body }: Entity): string {
  const text = withLineFeeds(decodeCharset(decodeTransfer(body, encoding), type.parameters.get('charset') ?? ''))
  if (type.parameters.get('format')?.toLowerCase() !== 'flowed') return text
  return unflow(text, type.parameters.get('delsp')?.toLowerCase() === 'yes')
}

function htmlOf({ type, encoding, body }: Entity): string {
  const bytes = decodeTransfer(body, encoding)
  const named = type.parameters.get('charset')
  const head = named ? '' : bytes.toString('latin1', 0, 2_000)
  return withLineFeeds(
    decodeCharset(bytes, named || (/<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]{1,60})/i.exec(head)?.[1] ?? '')),
  )
}

function withLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}
