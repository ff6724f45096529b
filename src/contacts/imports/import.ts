/**
 * An import: a file that becomes people. Law: nobody is written before a person saw what would become of every row; what was written is known by its import,
 * and can be undone. Pure.
 */
import type { Id } from '../../lib/ids.ts'
import type { ListId } from '../consent/queries.ts'
import type { Source, SourceList } from '../migration/source.ts'
import type { Delimiter } from './delimited.ts'

export type ImportId = Id<'import_batch'>

export const IMPORT_STATES = [
  'uploading',
  'mapping',
  'checking',
  'checked',
  'running',
  'done',
  'undoing',
  'undone',
  'failed',
  'discarded',
] as const
export type ImportState = (typeof IMPORT_STATES)[number]

/** What a column says of people; `field:` and a key for fields of the workspace. */
export const TARGETS = [
  'ignore',
  'address',
  'name',
  'first_name',
  'last_name',
  'external_id',
  'language',
  'time_zone',
  'company',
  'job_title',
  'phone',
  'note',
  'tags',
  'status',
  'data',
  'confirmed_at',
  'memberships',
] as const
export type Target = (typeof TARGETS)[number] | `field:${string}`

export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const
export type Encoding = (typeof ENCODINGS)[number]

export const POLICIES = ['keep', 'fill', 'overwrite'] as const
/** What becomes of somebody who is known: nothing, what was empty is filled, or what the file says replaces what was there. */
export type Policy = (typeof POLICIES)[number]

export interface ImportFile {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** What the first look at the file found. */
export interface Shape {
  readonly files: readonly ImportFile[]
  readonly encoding: Encoding
  readonly delimiter: Delimiter
  readonly hasHeader: boolean
  /** Raw cells of the first records, the header among them. */
  readonly sample: readonly (readonly string[])[]
  readonly guesses: readonly Target[]
  /** The header is separated otherwise than the rows. */
  readonly headerDelimiter: Delimiter | null
  /** Which tool it was exported from; its words for people are then known. */
  readonly source: Source | null
  /** The lists that its people are on there. */
  readonly lists: readonly SourceList[]
}

export interface ImportSettings {
  readonly delimiter: Delimiter
  readonly encoding: Encoding
  readonly hasHeader: boolean
  readonly columns: readonly Target[]
  readonly policy: Policy
  readonly lists: readonly ListId[]
  readonly tags: readonly string[]
  /** How these people agreed: kept with each of them as the proof. */
  readonly consent: string
  /** They confirmed their addresses elsewhere: on lists with double opt-in they are in. */
  readonly confirmed: boolean
  /** Rows that are separated otherwise than the file are split. */
  readonly splitGlued: boolean
  readonly acceptInvalid: boolean
  /** Of the other tool's lists, by their names: which they are here. Those that were not there are made when it runs. */
  readonly sourceLists?: Readonly<Record<string, ListId>>
  /** Of these, those that it made and that an undo has not looked at yet. */
  readonly madeLists?: readonly ListId[]
}

export interface ImportCounts {
  readonly rows: number
  readonly new: number
  readonly known: number
  readonly repeated: number
  readonly suppressed: number
  readonly refused: number
  readonly repaired: number
  /** Rows that hold another delimiter inside the address, by delimiter. */
  readonly glued: Readonly<Partial<Record<Delimiter, number>>>
  /** By the word that the file has for where they stand. */
  readonly statuses?: Readonly<Record<string, number>>
  readonly added: number
  readonly changed: number
  readonly kept: number
  readonly subscribed: number
  readonly undone: number
  /** What an undo left, because it changed since. */
  readonly stayed: number
  /** Suppressions that an undo lifted, and that it left because another import, or somebody since, says so too. */
  readonly lifted?: number
  readonly stillSuppressed?: number
  /** What an undo made of the lists that it had made. */
  readonly madeLists?: readonly MadeList[]
}

/** `why` it stays; null: it was removed. */
export interface MadeList {
  readonly name: string
  readonly why: string | null
}

export const NO_COUNTS: ImportCounts = {
  rows: 0,
  new: 0,
  known: 0,
  repeated: 0,
  suppressed: 0,
  refused: 0,
  repaired: 0,
  glued: {},
  added: 0,
  changed: 0,
  kept: 0,
  subscribed: 0,
  undone: 0,
  stayed: 0,
}

export const MAX_INVALID_SHARE = 0.02

export const DELIMITER_NAMES: Readonly<Record<Delimiter, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'vertical bars',
}

export interface Objection {
  readonly kind: 'wrong_delimiter' | 'too_many_invalid' | 'nobody'
  readonly sentence: string
  /** The delimiter that would be right. */
  readonly delimiter: Delimiter | null
}

/** What speaks against running it; null when nothing does. */
export function objectionTo(
  counts: ImportCounts,
  settings: Pick<ImportSettings, 'acceptInvalid' | 'splitGlued'>,
): Objection | null {
  const [delimiter, glued] = mostGlued(counts)
  if (delimiter && !settings.splitGlued && glued > MAX_INVALID_SHARE * counts.rows) {
    const what = glued > counts.rows / 2 ? 'this file is' : glued === 1 ? 'this row is' : 'these rows are'
    const held = delimiter === '\t' ? 'a tab' : `'${delimiter}'`
    const sentence = `${count(glued)} ${glued === 1 ? 'row holds' : 'rows hold'} ${held} inside the address: ${what} separated by ${DELIMITER_NAMES[delimiter]}.`
    return { kind: 'wrong_delimiter', sentence, delimiter }
  }
  if (counts.refused > MAX_INVALID_SHARE * counts.rows && !settings.acceptInvalid) {
    const sentence = `${count(counts.refused)} of ${count(counts.rows)} rows cannot be read: more than ${MAX_INVALID_SHARE * 100} %. Look at the reasons; if they are right, say that the others are to be imported all the same.`
    return { kind: 'too_many_invalid', sentence, delimiter: null }
  }
  if (counts.new + counts.known + counts.suppressed === 0)
    return { kind: 'nobody', sentence: 'There is nobody in this file who could be imported.', delimiter: null }
  return null
}

function mostGlued({ glued }: ImportCounts): [Delimiter | null, number] {
  let most: [Delimiter | null, number] = [null, 0]
  for (const [delimiter, n] of Object.entries(glued)) if (n > most[1]) most = [delimiter as Delimiter, n]
  return most
}

function count(n: number): string {
  return n.toLocaleString('en')
}
