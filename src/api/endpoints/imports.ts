import { z } from 'zod'
import { DELIMITERS } from '../../contacts/imports/delimited.ts'
import { ENCODINGS, IMPORT_STATES, POLICIES, TARGETS } from '../../contacts/imports/import.ts'
import { SOURCES } from '../../contacts/migration/source.ts'
import { download, endpoint, upload } from '../endpoint.ts'
import { id, isoDate, line, pageOf, pageParams } from './shapes.ts'

const Delimiter = z.enum(DELIMITERS)
const Encoding = z.enum(ENCODINGS)

const settings = {
  delimiter: Delimiter,
  encoding: Encoding,
  has_header: z.boolean(),
  columns: z
    .array(z.string().max(60))
    .max(500)
    .describe(`What each column means, by its place: ${TARGETS.join(', ')}, or \`field:\` and the key of a field.`),
  policy: z
    .enum(POLICIES)
    .describe('What becomes of people who are known: nothing, what is empty is filled, or the file replaces what was there.'),
  lists: z.array(id<'contact_list'>()).max(50),
  tags: z.array(line(1, 60)).max(20),
  consent: z.string().max(2_000).describe('How these people agreed to be written to: kept with each of them as the proof.'),
  confirmed: z.boolean().describe('They confirmed their addresses elsewhere: they need not confirm lists with double opt-in.'),
  split_glued: z.boolean().describe('Rows that are separated otherwise than the file are split.'),
}

export const Import = z
  .object({
    id: id<'import_batch'>(),
    name: z.string(),
    state: z.enum(IMPORT_STATES),
    bytes: z.int(),
    shape: z
      .object({
        files: z.array(z.string()),
        encoding: Encoding,
        delimiter: Delimiter,
        has_header: z.boolean(),
        header_delimiter: Delimiter.nullable().describe('The header is separated otherwise than the rows.'),
        sample: z.array(z.array(z.string())).describe('The first records as they are, the header among them.'),
        guesses: z.array(z.string()),
        source: z.enum(SOURCES).nullable().describe('The tool that it was exported from.'),
        lists: z
          .array(z.object({ name: z.string(), is_public: z.boolean(), opt_in: z.enum(['single', 'double']) }))
          .describe('Lists of that tool: used when it runs, and made where there are none of that name.'),
      })
      .nullable()
      .describe('What the first look found.'),
    settings: z.object(settings).nullable(),
    counts: z.object({
      rows: z.int(),
      new: z.int(),
      known: z.int(),
      repeated: z.int(),
      suppressed: z.int(),
      refused: z.int(),
      repaired: z.int(),
      added: z.int(),
      changed: z.int(),
      kept: z.int(),
      subscribed: z.int(),
      undone: z.int(),
      stayed: z.int().describe('What an undo left, because somebody changed it since.'),
      lifted: z.int().describe('Suppressions of this import that an undo lifted.'),
      still_suppressed: z.int().describe('Suppressions that it left: another import, or somebody since, says so too.'),
    }),
    statuses: z
      .array(z.object({ word: z.string(), n: z.int(), becomes: z.string() }))
      .describe('What the file says of where people stand, and what comes of it.'),
    made_lists: z
      .array(z.object({ name: z.string(), why: z.string().nullable().describe('Why it stays; null: it was removed.') }))
      .describe('What an undo made of the lists that the import had made.'),
    reached: z.int().describe('The row that the work has reached.'),
    objection: z
      .object({
        kind: z.enum(['wrong_delimiter', 'too_many_invalid', 'nobody']),
        sentence: z.string(),
        delimiter: Delimiter.nullable(),
      })
      .nullable()
      .describe('What speaks against running it.'),
    problem: z.string(),
    actor: z.string().nullable(),
    created_at: isoDate,
    finished_at: isoDate.nullable(),
  })
  .meta({ id: 'Import' })
export type Import = z.output<typeof Import>

const exampleSettings = {
  delimiter: ';',
  encoding: 'utf-8',
  has_header: true,
  columns: ['address', 'first_name', 'field:plan'],
  policy: 'fill',
  lists: ['0193e0a0-7777-7abc-9def-0123456789ab'],
  tags: ['Leipzig 2026'],
  consent: 'Asked for the newsletter at the fair in Leipzig',
  confirmed: false,
  split_glued: false,
}
const exampleImport = {
  id: '0193e0a0-9999-7abc-9def-0123456789ab',
  name: 'members.csv',
  state: 'checked',
  bytes: 81_234,
  shape: {
    files: ['members.csv'],
    encoding: 'utf-8',
    delimiter: ';',
    has_header: true,
    header_delimiter: null,
    sample: [
      ['Email', 'First name', 'Plan'],
      ['ann@example.org', 'Ann', 'Pro'],
    ],
    guesses: ['address', 'first_name', 'ignore'],
    source: null,
    lists: [],
  },
  settings: exampleSettings,
  counts: {
    ...{ rows: 2_100, new: 2_080, known: 10, repeated: 5, suppressed: 2, refused: 3, repaired: 4 },
    ...{ added: 0, changed: 0, kept: 0, subscribed: 0, undone: 0, stayed: 0, lifted: 0, still_suppressed: 0 },
  },
  statuses: [{ word: 'active', n: 2_000, becomes: 'put on the lists' }],
  made_lists: [],
  reached: 0,
  objection: null,
  problem: '',
  actor: null,
  created_at: '2026-11-21T12:00:00.000Z',
  finished_at: null,
}
const byId = z.strictObject({ id: id<'import_batch'>() })
const params = { id: exampleImport.id }

export const listImports = endpoint({
  method: 'GET',
  path: '/v1/imports',
  summary: 'Imports of contacts, newest first.',
  permission: 'audience.manage',
  transaction: 'read',
  params: z.strictObject(pageParams),
  reply: pageOf(Import),
  errors: ['invalid_cursor'],
  example: { reply: { items: [exampleImport], next: null } },
})
export const startImport = endpoint({
  method: 'POST',
  path: '/v1/imports',
  summary:
    'Hand in a file of people. Nobody is written yet: say what its columns mean, look at what would become of each row, then run it.',
  description:
    'CSV, TSV, or a ZIP of them, up to 1 GB (64 MB for an archive), in UTF-8, UTF-16 or windows-1252; also what Keila answers to GET /api/v1/contacts or listmonk to GET /api/subscribers (JSON, or a ZIP of pages). Encoding and delimiter are found out. Send it as `text/csv`, or anything as `application/octet-stream`.',
  permission: 'audience.manage',
  transaction: 'none',
  params: z.strictObject({ name: line(1, 200).optional().describe('What the file is called.') }),
  consumes: ['text/csv', 'application/octet-stream'],
  maxBodyBytes: 1024 * 1024 * 1024,
  body: upload,
  reply: Import,
  status: 201,
  errors: ['list_type_needed', 'import_refused'],
  example: { params: { name: 'members.csv' }, body: 'Email;First name;Plan\nann@example.org;Ann;Pro\n', reply: exampleImport },
})
export const getImport = endpoint({
  method: 'GET',
  path: '/v1/imports/:id',
  summary: 'How an import stands.',
  permission: 'audience.manage',
  transaction: 'read',
  params: byId,
  reply: Import,
  errors: ['not_found'],
  example: { params, reply: exampleImport },
})
export const readImportAnew = endpoint({
  method: 'POST',
  path: '/v1/imports/:id/read',
  summary: 'Read the file with another delimiter or encoding: the sample and the guesses anew.',
  permission: 'audience.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject({ delimiter: Delimiter, encoding: Encoding }),
  reply: Import,
  errors: ['not_found', 'wrong_state'],
  example: { params, body: { delimiter: ';', encoding: 'windows-1252' }, reply: exampleImport },
})
export const checkImport = endpoint({
  method: 'POST',
  path: '/v1/imports/:id/check',
  summary: 'Say what the columns mean, and have every row looked at. Nobody is written.',
  permission: 'audience.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject(settings),
  reply: Import,
  status: 202,
  errors: ['not_found', 'wrong_state'],
  example: { params, body: exampleSettings, reply: { ...exampleImport, state: 'checking' } },
})
export const ImportRow = z.object({
  n: z.int(),
  line: z.int().describe('As an editor counts them, in its file.'),
  file: z.string(),
  verdict: z.enum(['new', 'known', 'repeated', 'suppressed', 'refused']),
  repaired: z.boolean(),
  reason: z.string(),
  raw: z.string().describe('As it stands there.'),
  address: z.string().nullable(),
})
export const listImportRows = endpoint({
  method: 'GET',
  path: '/v1/imports/:id/rows',
  summary: 'Rows that somebody should look at: refused, repeated, suppressed or repaired, each with its line and the reason.',
  permission: 'audience.manage',
  transaction: 'read',
  params: z.strictObject({
    id: id<'import_batch'>(),
    kind: z.enum(['refused', 'repeated', 'suppressed', 'repaired']).optional(),
    ...pageParams,
  }),
  reply: pageOf(ImportRow),
  errors: ['not_found', 'invalid_cursor'],
  example: {
    params,
    reply: {
      items: [
        {
          n: 17,
          line: 18,
          file: '',
          verdict: 'refused',
          repaired: false,
          reason: 'The address is empty.',
          raw: ';Ann;Pro',
          address: null,
        },
      ],
      next: null,
    },
  },
})
export const downloadImport = endpoint({
  method: 'GET',
  path: '/v1/imports/:id/result',
  summary: 'What became of every row, as a CSV file.',
  permission: 'audience.manage',
  transaction: 'none',
  params: byId,
  reply: download,
  produces: 'application/octet-stream',
  errors: ['not_found'],
  example: { params },
})
export const runImport = endpoint({
  method: 'POST',
  path: '/v1/imports/:id/run',
  summary: 'Make people of the rows. It goes on by itself, also after a restart; doing so twice changes nothing.',
  description:
    'Refused when rows look as if the delimiter were another one; and when more than 2 % cannot be read, unless `accept_invalid` says that this is right.',
  permission: 'audience.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject({ accept_invalid: z.boolean().optional() }),
  reply: Import,
  status: 202,
  errors: ['not_found', 'wrong_state', 'import_refused'],
  example: { params, body: {}, reply: { ...exampleImport, state: 'running' } },
})
export const undoImport = endpoint({
  method: 'POST',
  path: '/v1/imports/:id/undo',
  summary:
    'Take an import back: whoever it added goes, what it changed is as before. What somebody changed since stays, and is counted.',
  description: 'Possible for 90 days.',
  permission: 'audience.manage',
  transaction: 'write',
  params: byId,
  reply: Import,
  status: 202,
  errors: ['not_found', 'wrong_state'],
  example: { params, reply: { ...exampleImport, state: 'undoing' } },
})
export const discardImport = endpoint({
  method: 'DELETE',
  path: '/v1/imports/:id',
  summary: 'Throw an import away that has not been run.',
  permission: 'audience.manage',
  transaction: 'write',
  params: byId,
  errors: ['not_found', 'wrong_state'],
  example: { params },
})

export const importEndpoints = [
  listImports,
  startImport,
  getImport,
  readImportAnew,
  checkImport,
  listImportRows,
  downloadImport,
  runImport,
  undoImport,
  discardImport,
] as const
