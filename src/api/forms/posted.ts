import type { FastifyRequest } from 'fastify'
import type { Posted } from '../../forms/read-answers.ts'
import { parseJson } from '../json.ts'

/** Names and values of one submission. A form of forty fields has fewer. */
const MAX_NAMES = 200
const MAX_VALUES = 200
const MAX_VALUE = 8_000

/** What a form or a program sent, as fields by their names; null for what is neither. */
export function readPosted({ body, headers }: FastifyRequest): Posted | null {
  if (!Buffer.isBuffer(body)) return null
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'application/x-www-form-urlencoded') return ofForm(body.toString('utf8'))
  if (type === 'application/json') return ofJson(parseJson(body))
  return null
}

export function isJson({ headers }: FastifyRequest): boolean {
  return /^application\/json\b/i.test(headers['content-type'] ?? '') || /^application\/json\b/i.test(headers.accept ?? '')
}

function ofForm(text: string): Posted {
  const posted = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(text)) add(posted, name, value)
  return posted
}

/** Texts, numbers, yes or no, and lists of them. */
function ofJson(value: unknown): Posted | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const posted = new Map<string, string[]>()
  for (const [name, said] of Object.entries(value))
    for (const one of Array.isArray(said) ? said : [said]) {
      if (typeof one === 'string' || typeof one === 'number') add(posted, name, String(one))
      else if (one === true) add(posted, name, 'yes')
    }
  return posted
}

function add(posted: Map<string, string[]>, name: string, value: string): void {
  if (posted.size >= MAX_NAMES && !posted.has(name)) return
  const values = posted.get(name) ?? []
  if (values.length < MAX_VALUES) posted.set(name, [...values, clean(value)])
}

/** What no database keeps and nobody types. */
function clean(value: string): string {
  return value
    .slice(0, MAX_VALUE)
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
}
