import type { z } from 'zod'
import { type ImportSettings, objectionTo, type Target } from '../../contacts/imports/import.ts'
import type { ImportBatch } from '../../contacts/imports/imports.ts'
import { STATUS_WORDS } from '../../contacts/imports/understand.ts'
import { meaningOf, type Source } from '../../contacts/migration/source.ts'
import type { checkImport, Import } from '../endpoints/imports.ts'

export function toImport(batch: ImportBatch): Import {
  const { id, name, state, bytes, shape, settings, counts, cursor, problem, actor, createdAt, finishedAt } = batch
  const { glued, statuses = {}, lifted = 0, stillSuppressed: still_suppressed = 0, madeLists = [], ...plain } = counts
  return {
    id,
    name,
    state,
    bytes,
    shape: shape && {
      files: shape.files.map((file) => file.name),
      encoding: shape.encoding,
      delimiter: shape.delimiter,
      has_header: shape.hasHeader,
      header_delimiter: shape.headerDelimiter,
      sample: shape.sample.map((cells) => [...cells]),
      guesses: [...shape.guesses],
      source: shape.source ?? null,
      lists: (shape.lists ?? []).map((list) => ({ name: list.name, is_public: list.isPublic, opt_in: list.optIn })),
    },
    settings: settings && toSettings(settings),
    counts: { ...plain, lifted, still_suppressed },
    statuses: Object.entries(statuses).map(([word, n]) => ({ word, n, becomes: becomesOf(shape?.source ?? null, word) })),
    made_lists: madeLists.map(({ name, why }) => ({ name, why })),
    reached: cursor,
    objection: state === 'checked' && settings ? objectionTo(counts, settings) : null,
    problem,
    actor,
    created_at: createdAt,
    finished_at: finishedAt,
  }
}

function becomesOf(source: Source | null, word: string): string {
  return meaningOf(source, word, STATUS_WORDS[word] ?? 'unsubscribed')
}

function toSettings({
  hasHeader,
  columns,
  lists,
  tags,
  splitGlued,
  acceptInvalid: _,
  sourceLists: __,
  madeLists: ___,
  ...rest
}: ImportSettings) {
  return { ...rest, has_header: hasHeader, columns: [...columns], lists: [...lists], tags: [...tags], split_glued: splitGlued }
}

export function fromSettings(body: z.output<typeof checkImport.body>): ImportSettings {
  const { has_header: hasHeader, split_glued: splitGlued, columns, ...rest } = body
  return { ...rest, hasHeader, splitGlued, columns: columns as Target[], acceptInvalid: false }
}
