import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { decodeCharset } from '../../../src/mail/charset.ts'
import { type ParsedMail, parseMail, type ReceivedFile } from '../../../src/mail/parse.ts'
import { DIFFERENCES } from './stalwart-differences.ts'

const CORPUS = fileURLToPath(new URL('../../../../shared/corpora/mime/stalwart', import.meta.url))

test.skipIf(!existsSync(CORPUS))('values of mail are those that another reader found, but where it is said why not', async () => {
  const different: string[] = []
  let values = 0
  const files = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.eml'))
  for (const file of files.sort()) {
    const result = await parseMail(readFileSync(join(CORPUS, file)))
    if (result.kind !== 'parsed') throw new Error(`${file}: ${result.reason}`)
    const theirs = theirValues(JSON.parse(readFileSync(join(CORPUS, file.replace('.eml', '.json')), 'utf8')))
    const ours = ourValues(result.mail, theirs)
    for (const [name, value] of Object.entries(theirs)) {
      values += 1
      if (JSON.stringify(ours[name as keyof Values]) !== JSON.stringify(value)) different.push(`${file} ${name}`)
    }
  }
  expect(values).toBeGreaterThan(700)
  expect(different).toEqual(Object.keys(DIFFERENCES))
  expect(different.length / values).toBeLessThan(0.05)
})

type Pair = readonly [name: string, address: string]
interface Values {
  readonly subject: string
  readonly from: readonly Pair[]
  readonly to: readonly Pair[]
  readonly cc: readonly Pair[]
  readonly replyTo: readonly Pair[]
  readonly date: string | null
  readonly text: readonly string[]
  readonly html: readonly string[]
  readonly files: readonly (readonly [name: string | null, content: number | string])[]
}

function ourValues(mail: ParsedMail, theirs: Values): Values {
  const pair = ({ name, address }: { name: string; address: string }): Pair => [name, address]
  const [text, html] = [plain(mail.text ?? ''), plain(mail.html ?? '')]
  return {
    subject: plain(mail.subject),
    from: mail.from ? [pair(mail.from)] : [],
    to: mail.to.map(pair),
    cc: mail.cc.map(pair),
    replyTo: mail.replyTo.map(pair),
    date: mail.date?.toISOString() ?? null,
    text: theirs.text.filter((part) => text.includes(part)),
    html: theirs.html.filter((part) => html.includes(part)),
    files: mail.attachments.map((file, index) => [file.filename, contentOf(file, theirs.files[index]?.[1])]),
  }
}

/** Their texts are decoded, their files bytes with plain line ends, and of a mail within a mail they say nothing. */
function contentOf({ contentType, bytes }: ReceivedFile, theirs: number | string | undefined): number | string {
  if (contentType === 'message/rfc822' && theirs === 'a mail') return theirs
  if (typeof theirs === 'string') return plain(decodeCharset(bytes, ''))
  return bytes.length === theirs ? bytes.length : Buffer.from(bytes).toString('latin1').replaceAll('\r\n', '\n').length
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

interface TheirPart {
  readonly headers: readonly { readonly name: unknown; readonly value: TheirValue }[]
  readonly body: {
    readonly Text?: string
    readonly Html?: string
    readonly Binary?: number[]
    readonly InlineBinary?: number[]
    readonly Message?: object
  }
}
interface TheirValue {
  readonly Text?: string
  readonly Address?: { readonly List?: Person[]; readonly Group?: { readonly addresses: Person[] }[] }
  readonly DateTime?: Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'tz_hour' | 'tz_minute', number> & {
    tz_before_gmt: boolean
  }
  readonly ContentType?: { readonly attributes?: { readonly name: string; readonly value: string }[] }
}
interface Person {
  readonly name: string | null
  readonly address: string | null
}
interface Theirs {
  readonly text_body: number[]
  readonly html_body: number[]
  readonly attachments: number[]
  readonly parts: TheirPart[]
}

function theirValues({ parts, text_body, html_body, attachments }: Theirs): Values {
  const header = (name: string) => parts[0]?.headers.findLast((one) => one.name === name)?.value
  const people = (name: string): Pair[] => {
    const address = header(name)?.Address
    return (address?.List ?? address?.Group?.flatMap((group) => group.addresses) ?? []).map((one) => [
      one.name ?? '',
      one.address ?? '',
    ])
  }
  const bodies = (indexes: readonly number[], kind: 'Text' | 'Html') =>
    indexes.map((index) => plain(parts[index]?.body[kind] ?? '')).filter((text) => text !== '')
  return {
    subject: plain(header('subject')?.Text ?? ''),
    from: people('from').slice(0, 1),
    to: people('to'),
    cc: people('cc'),
    replyTo: people('reply_to'),
    date: dateOf(header('date')),
    text: bodies(text_body, 'Text'),
    html: bodies(html_body, 'Html'),
    files: attachments.map((index) => theirFile(parts[index] as TheirPart)),
  }
}

function dateOf(value: TheirValue | undefined): string | null {
  const at = value?.DateTime
  if (!at) return null
  const offset = (at.tz_before_gmt ? -1 : 1) * (at.tz_hour * 60 + at.tz_minute)
  return new Date(Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second) - offset * 60_000).toISOString()
}

function theirFile({ headers, body }: TheirPart): readonly [string | null, number | string] {
  const parameter = (header: string, name: string) =>
    headers.find((one) => one.name === header)?.value.ContentType?.attributes?.find((attribute) => attribute.name === name)?.value
  const bytes = body.Binary ?? body.InlineBinary
  const content = body.Message
    ? 'a mail'
    : bytes
      ? Buffer.from(bytes).toString('latin1').replaceAll('\r\n', '\n').length
      : plain(body.Text ?? body.Html ?? '')
  return [parameter('content_disposition', 'filename') ?? parameter('content_type', 'name') ?? null, content]
}
