import type { BlockDocument } from './blocks/block.ts'
import type { TemplateUse } from './template.ts'

/**
 * What a mail for many says: a subject and a body in one of five forms, in Liquid, and which fields of a person it uses. A field that is
 * empty has its fallback; one that is required keeps a person out who has none. What is not declared is empty where a person has none. A content
 * that uses a template has what it says in the template's places instead of a body.
 */
export const CONTENT_FORMATS = ['text', 'markdown', 'blocks', 'mjml', 'html'] as const
export type ContentFormat = (typeof CONTENT_FORMATS)[number]

export interface ContentField {
  /** As it is written: `contact.first_name`. */
  readonly path: string
  readonly fallback: string
  readonly required: boolean
}

export interface Content {
  readonly format: ContentFormat
  readonly subject: string
  /** What lists of mail show behind the subject. */
  readonly preheader?: string
  /** Of all forms but blocks. */
  readonly body: string
  /** Of the form `blocks`. */
  readonly blocks?: BlockDocument | null
  readonly template?: TemplateUse | null
  /** The part without markup; null: made from the body. */
  readonly text: string | null
  /** What stands in To beside the address. */
  readonly toName: string
  readonly fields: readonly ContentField[]
}

/** The same as the parts of a mail, still in Liquid: what is compiled, and what is kept for compiling again. */
export interface Parts {
  readonly toName: string
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
  readonly fields: readonly ContentField[]
}

export const MAX_SUBJECT = 998
export const MAX_PREHEADER = 500
export const MAX_BODY = 1024 * 1024
export const MAX_FIELDS = 100

/** What is wrong with a content, in words for whoever wrote it. `line` counts from 1. */
export interface Problem {
  readonly where: 'to_name' | 'subject' | 'preheader' | 'body' | 'blocks' | 'template' | 'text' | 'fields'
  readonly line: number | null
  readonly sentence: string
}

/** Gmail shows no more of a mail's HTML than this, and a link to the rest. */
export const CLIPPED_BYTES = 102 * 1024

/** Of a person: what a content asks for, with fallbacks where fields are empty. `missing`: the required ones that are. */
export function withFallbacks(
  contact: Readonly<Record<string, unknown>>,
  fields: readonly ContentField[],
): { readonly contact: Record<string, unknown>; readonly missing: readonly string[] } {
  const filled: Record<string, unknown> = { ...contact }
  const missing: string[] = []
  for (const { path, fallback, required } of fields) {
    const keys = path.replace(/^contact\./, '').split('.')
    if (!isEmpty(keys.reduce<unknown>((value, key) => ownOf(value, key), filled))) continue
    if (required) missing.push(path)
    else if (fallback !== '') put(filled, keys, fallback)
  }
  return { contact: filled, missing }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

function ownOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as never)[key] : undefined
}

/** Objects on the way are copied: the person's own record stays as it is. */
function put(into: Record<string, unknown>, keys: readonly string[], value: string): void {
  const [key = '', ...rest] = keys
  if (rest.length === 0) into[key] = value
  else {
    const inner = ownOf(into, key)
    const copy = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? { ...inner } : {}
    into[key] = copy
    put(copy as Record<string, unknown>, rest, value)
  }
}

/** Names that a field may have: nothing of an object's own machinery. */
export const FIELD_PATH = /^contact(?:\.[a-z][a-z0-9_]{0,63}){1,3}$/
