import { type CalendarEvent, readCalendar } from '../calendar.ts'
import { decodeCharset } from '../charset.ts'
import type { ReceivedFile } from '../parse.ts'
import { safeFilename } from '../safe-filename.ts'
import { readTnef, type Tnef } from '../tnef/read-tnef.ts'
import type { Entity } from './entity.ts'

const TNEF = /^application\/(?:vnd\.)?ms-tnef$/

/** The files of a winmail.dat in its place, with words that stand nowhere else; null where the file is none. */
export function openTnef(file: ReceivedFile): { readonly files: ReceivedFile[]; readonly tnef: Tnef } | null {
  if (!TNEF.test(file.contentType) && !/^winmail\.dat$/i.test(file.name)) return null
  const tnef = readTnef(file.bytes)
  if (tnef === null) return null
  const files = tnef.files.map(({ filename, contentType, contentId, bytes }, index): ReceivedFile => {
    const name = filename === null ? null : safeFilename(filename)
    return {
      filename: name,
      name: name ?? `file-${index + 1}.bin`,
      contentType:
        contentType !== null && /^[a-z0-9.+-]{1,60}\/[a-z0-9.+-]{1,100}$/i.test(contentType)
          ? contentType.toLowerCase()
          : 'application/octet-stream',
      size: bytes.length,
      contentId,
      disposition: contentId === null ? 'attachment' : 'inline',
      bytes: new Uint8Array(bytes),
    }
  })
  return {
    files: tnef.isWhole && (files.length > 0 || tnef.text !== null || tnef.html !== null) ? files : [...files, file],
    tnef,
  }
}

/** What the invitations among the files say. */
export function eventsIn(files: readonly ReceivedFile[]): CalendarEvent[] {
  const calendars = files.filter(
    ({ contentType, name }) => /^text\/calendar$|^application\/ics$/.test(contentType) || /\.ics$/i.test(name),
  )
  return calendars.slice(0, 5).flatMap(({ bytes }) => readCalendar(decodeCharset(bytes, 'utf-8')))
}

export type Sealed = 'smime' | 'pgp'

/** By what a mail is encrypted; null for one that can be read. `words` is what was found to read. */
export function sealedBy(root: Entity, words: string | null): Sealed | null {
  if (/^application\/(?:x-)?pkcs7-mime$/.test(root.type.value)) return words === null ? 'smime' : null
  if (root.type.value === 'multipart/encrypted') {
    const protocol = root.type.parameters.get('protocol')?.toLowerCase() ?? ''
    return /pkcs7/.test(protocol) ? 'smime' : 'pgp'
  }
  return words !== null && /^\s{0,100}-----BEGIN PGP MESSAGE-----/.test(words) ? 'pgp' : null
}
