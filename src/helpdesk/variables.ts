/**
 * `{{ contact.first_name }}` in signatures, automatic answers and saved replies. The names are a closed list: one that is not known is refused when the text
 * is stored, so that no customer ever reads one.
 */
import { fill, piecesOf } from '../mail/placeholder.ts'

export const VARIABLES = [
  'contact.name',
  'contact.first_name',
  'contact.email',
  'contact.company',
  'agent.name',
  'agent.first_name',
  'agent.email',
  'inbox.name',
  'inbox.address',
  'conversation.number',
  'conversation.subject',
] as const
export type Variable = (typeof VARIABLES)[number]
export type Values = Readonly<Partial<Record<Variable, string>>>

/** Texts that leave by themselves have no agent. */
export const AUTOMATIC_VARIABLES = VARIABLES.filter((name) => !name.startsWith('agent.'))

export function isVariable(name: string): name is Variable {
  return (VARIABLES as readonly string[]).includes(name)
}

/** The names a text uses that are not among those it may use, each once. */
export function unknownVariables(text: string, known: readonly string[] = VARIABLES): string[] {
  const withFallback = [...text.matchAll(WITH_FALLBACK)].map(([, name = '']) => name)
  return [...new Set([...piecesOf(text).names, ...withFallback])].filter((name) => !known.includes(name))
}

/** `{{ contact.first_name | there }}`: what stands in for a value that is not known. */
const WITH_FALLBACK = /\{\{\s{0,10}([A-Za-z_][A-Za-z0-9_.]{0,63})\s{0,10}\|\s{0,10}([^{}|<>]{0,200}?)\s{0,10}\}\}/g

/** What is not known of somebody is left out. In HTML a value is text, whatever it looks like. */
export function fillVariables(text: string, values: Values, kind: 'html' | 'text'): string {
  // What a value says is never read again: a customer may be called `{{ agent.email }}`.
  const fallbacks: string[] = []
  const pieces = piecesOf(
    text.replace(WITH_FALLBACK, (_, name: string, fallback: string) => {
      const value = (isVariable(name) ? values[name] : undefined) ?? ''
      fallbacks.push(value === '' ? fallback : shownAs(value, kind))
      return `{{_fallback.${fallbacks.length - 1}}}`
    }),
  )
  if (pieces.names.length === 0) return text
  const shown = Object.fromEntries(
    pieces.names.map((name) => {
      const at = /^_fallback\.(\d+)$/.exec(name)?.[1]
      if (at !== undefined) return [name, fallbacks[Number(at)] ?? '']
      return [name, shownAs((isVariable(name) ? values[name] : undefined) ?? '', kind)]
    }),
  )
  return fill(pieces, shown)
}

function shownAs(value: string, kind: 'html' | 'text'): string {
  return kind === 'html' ? escaped(value) : value
}

/** `Ann` of `Ann Miller` and of `Miller, Ann`. */
export function firstNameOf(name: string): string {
  const [last = '', first] = name.split(',', 2)
  return (first ?? last).trim().split(/\s+/, 1)[0] ?? ''
}

export interface Spoken {
  readonly contact?: { readonly name: string; readonly email: string; readonly company?: string } | null
  readonly agent?: { readonly name: string; readonly email: string } | null
  readonly inbox: { readonly name: string; readonly address: string }
  readonly conversation?: { readonly number: number; readonly subject: string } | null
}

export function valuesOf({ contact, agent, inbox, conversation }: Spoken): Values {
  return {
    ...(contact && {
      'contact.name': contact.name || contact.email,
      'contact.first_name': firstNameOf(contact.name),
      'contact.email': contact.email,
      'contact.company': contact.company ?? '',
    }),
    ...(agent && { 'agent.name': agent.name, 'agent.first_name': firstNameOf(agent.name), 'agent.email': agent.email }),
    'inbox.name': inbox.name,
    'inbox.address': inbox.address,
    ...(conversation && { 'conversation.number': String(conversation.number), 'conversation.subject': conversation.subject }),
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
