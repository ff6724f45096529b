/**
 * Templates of Keila and listmonk, as their interfaces answer them, in the language of ours. What has no equivalent is taken out and named: nothing of
 * the other language stays to be mailed as text. Pure.
 */
import { z } from 'zod'
import { type ContentFormat, MAX_BODY } from '../content.ts'
import { parseLiquid } from '../liquid.ts'
import { piecesOf, SLOT_NAME } from '../slots.ts'
import type { TemplateText } from './template-entry.ts'

export interface Foreign {
  readonly text: TemplateText
  /** What could not be carried over, in words. */
  readonly notes: readonly string[]
}

export interface ForeignTemplates {
  readonly source: 'keila' | 'listmonk'
  readonly templates: readonly Foreign[]
  /** Names of those that are none of mail for many. */
  readonly passedOver: readonly string[]
}

/** GET /api/templates of listmonk. */
const Listmonk = z.object({ name: z.string(), type: z.string(), body: z.string() })
/** GET /api/v1/templates of Keila. */
const Keila = z.object({ name: z.string(), body: z.string().nullish(), type: z.string().nullish() })

const MOST = 100

/** Null: neither of them. */
export function readForeignTemplates(answer: unknown): ForeignTemplates | null {
  const items = itemsOf(answer).slice(0, MOST)
  const listmonk = z.array(Listmonk).min(1).safeParse(items)
  if (listmonk.success && listmonk.data.some(({ type }) => /^(campaign|campaign_visual|tx)$/.test(type))) {
    const forMany = listmonk.data.filter(({ type }) => type !== 'tx')
    return {
      source: 'listmonk',
      templates: forMany.map(({ name, body }) => toText(name, 'html', fromGo(body))),
      passedOver: listmonk.data.filter(({ type }) => type === 'tx').map(({ name }) => name),
    }
  }
  const keila = z.array(Keila).min(1).safeParse(items)
  if (!keila.success) return null
  const whole = keila.data.flatMap(({ name, body, type }) => (body?.trim() ? [{ name, body, type }] : []))
  return {
    source: 'keila',
    templates: whole.map(({ name, body, type }) => toText(name, formatOf(type ?? null, body), fromSolid(body))),
    passedOver: keila.data.filter(({ body }) => !body?.trim()).map(({ name }) => name),
  }
}

function itemsOf(answer: unknown): unknown[] {
  if (Array.isArray(answer)) return answer
  const data = typeof answer === 'object' && answer !== null ? (answer as { data?: unknown }).data : undefined
  return Array.isArray(data) ? data : []
}

function formatOf(type: string | null, body: string): ContentFormat {
  if (type === 'mjml' || /<mjml[\s>]/i.test(body)) return 'mjml'
  return type === 'text' || !/<[a-z!]/i.test(body) ? 'text' : 'html'
}

interface Carried {
  readonly body: string
  readonly notes: readonly string[]
}

function toText(name: string, format: ContentFormat, { body, notes }: Carried): Foreign {
  const whole = piecesOf(body).pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text))
  const parsed = parseLiquid(whole.join(''), format === 'text' ? 'plain' : 'html')
  const faults = parsed.ok ? [] : ['What remains is not right yet: open it and mend what is marked.']
  const cut = body.length > MAX_BODY ? ['It is longer than 1 MB and was cut off.'] : []
  return {
    text: {
      name: name.trim().slice(0, 200) || 'Template',
      description: '',
      format,
      body: body.slice(0, MAX_BODY),
      blocks: null,
      fields: [],
    },
    notes: [...notes, ...faults, ...cut],
  }
}

const CONTENT_SLOT = '{% slot content %}Write here.{% endslot %}'

/** What Go's templates say in listmonk, by their first word. Null: it does nothing that is needed here. */
const GO: Readonly<Record<string, string | null>> = {
  '.Subscriber.Email': '{{ contact.email }}',
  '.Subscriber.Name': '{{ contact.name }}',
  '.Subscriber.FirstName': '{{ contact.first_name }}',
  '.Subscriber.LastName': '{{ contact.last_name }}',
  '.Subscriber.UUID': '{{ contact.external_id }}',
  '.Campaign.Subject': '{{ campaign.subject }}',
  '.Campaign.Name': '{{ campaign.name }}',
  UnsubscribeURL: '{{ unsubscribe_url }}',
  ManageURL: '{{ unsubscribe_url }}',
  // Opens and links are tracked by the campaign's own setting.
  TrackView: null,
}

/** Of listmonk: `{{ … }}`, comments among them. */
function fromGo(source: string): Carried {
  const notes: string[] = []
  const plain = source.replace(/@TrackLink(?=["'\s])/g, '')
  const body = plain.replace(/\{\{-?([\s\S]{0,2000}?)-?\}\}/g, (whole, inner: string, at: number) => {
    const words = inner.trim()
    if (words.startsWith('/*')) return ''
    if (/^template\s+"content"/.test(words)) return CONTENT_SLOT
    const link = /^TrackLink\s+["`]([^"`]+)["`]/.exec(words)
    if (link) return link[1] ?? ''
    const [first = '', ...rest] = words.split(/\s+/)
    const attribute = /^\.Subscriber\.Attribs\.([a-zA-Z][a-zA-Z0-9_]{0,39})$/.exec(first)
    const known = attribute ? `{{ contact.${attribute[1]?.toLowerCase()} }}` : GO[first]
    if (known === undefined || rest.some((word) => word !== '.')) {
      notes.push(`Line ${lineAt(plain, at)}: ${shown(whole)} has no equivalent and was taken out.`)
      return ''
    }
    return known ?? ''
  })
  return { body, notes }
}

const SOLID: readonly (readonly [RegExp, string])[] = [
  [/\bunsubscribe_link\b/g, 'unsubscribe_url'],
  [/\bcontact\.data\.([a-zA-Z][a-zA-Z0-9_]{0,39})\b/g, 'contact.$1'],
]
const UNKNOWN = /\b(public_link|campaign\.data|assigns|double_opt_in_link|cancel_link)\b/

/** Of Keila: Liquid as ours, with other names, and places as elements. */
function fromSolid(source: string): Carried {
  const notes: string[] = []
  const slots = source.replace(
    /<keila-content(?:\s+name="([^"]{0,60})")?[^>]{0,200}?(?:\/>|>([\s\S]{0,20000}?)<\/keila-content>)/g,
    (_, name: string | undefined, text: string | undefined) =>
      `{% slot ${slotName(name)} %}${text?.trim() || 'Write here.'}{% endslot %}`,
  )
  const body = slots.replace(/\{[{%][^{}]{0,2000}[%}]\}/g, (whole, at: number) => {
    if (UNKNOWN.test(whole)) {
      notes.push(`Line ${lineAt(slots, at)}: ${shown(whole)} has no equivalent and was taken out.`)
      return ''
    }
    return SOLID.reduce((text, [from, to]) => text.replace(from, to), whole)
  })
  return { body, notes }
}

function slotName(name: string | undefined): string {
  const plain = (name ?? 'content')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 40)
  return SLOT_NAME.test(plain) ? plain : 'content'
}

function lineAt(source: string, at: number): number {
  return source.slice(0, at).split('\n').length
}

function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}
