/** A campaign as somebody reads it whom nobody knows: with the fallbacks, without links that are counted, and without a way off a list. */
import { compileParts } from '../../templates/compile.ts'
import type { ContentField, Parts } from '../../templates/content.ts'
import { type ReadTexts, readAs } from '../../templates/read.ts'
import { OWN_NAMES, sharedOf } from '../compile.ts'

type Shown = Parameters<typeof sharedOf>[0]

/** Leads nowhere (RFC 2606 §2); links with it are taken out again. */
const NOWHERE = 'https://nobody.invalid/'
const WAY_OUT_LINK = /<a\b[^>]*https:\/\/nobody\.invalid\/[^>]*>[\s\S]*?<\/a\s*>/gi

/** Null: its template fails for nobody in particular. */
export function readForNobody(campaign: Shown, parts: Parts, now: Date): ReadTexts | null {
  const own = Object.fromEntries(OWN_NAMES.map((name) => [name, NOWHERE]))
  const fields = parts.fields.map((field) => ({ ...field, required: false }))
  const compiled = compileParts({ ...parts, fields }, sharedOf(campaign), OWN_NAMES, now)
  const rendered = compiled.render({ contact: {}, own }, now)
  if (rendered.kind !== 'ready') return null
  const read = readAs(compiled, rendered.values, own)
  return {
    ...read,
    html: read.html?.replace(WAY_OUT_LINK, '').replaceAll(NOWHERE, '') ?? null,
    text:
      read.text
        ?.split('\n')
        .filter((line) => !line.includes(NOWHERE))
        .join('\n') ?? null,
  }
}

/** The subject alone: for lists. What cannot be read is left as it was written. */
export function subjectForNobody(campaign: Shown, fields: readonly ContentField[], now: Date): string {
  const parts = { toName: '', subject: campaign.content.subject, text: null, html: null, fields }
  return readForNobody(campaign, parts, now)?.subject.trim() || campaign.content.subject
}
