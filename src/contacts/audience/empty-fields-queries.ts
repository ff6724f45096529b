/** How many people have nothing in a field that a text asks for. */
import { type RawBuilder, sql } from 'kysely'
import { textArray } from '../../db/arrays.ts'
import type { Tx } from '../../db/database.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'

/** What a contact has itself; whatever else is asked for is looked for in the workspace's own fields. */
const OWN = ['name', 'first_name', 'last_name', 'external_id', 'language', 'time_zone', 'company', 'job_title'] as const

export interface EmptyFields {
  readonly people: number
  /** In the order in which they were asked for. */
  readonly empty: readonly number[]
  /** Of those that are required: how many people have one of them empty. */
  readonly lacking: number
}

/** `people`: (contact_id, address). One walk over them, however many fields are asked for. An address is never empty. */
export async function countEmptyFields(
  tx: Tx,
  workspaceId: WorkspaceId,
  people: RawBuilder<unknown>,
  fields: readonly { readonly path: string; readonly required: boolean }[],
): Promise<EmptyFields> {
  const tests = fields.map(({ path }) => emptyTest(path))
  const required = tests.filter((_, i) => fields[i]?.required)
  const lacking = required.length === 0 ? sql`false` : sql.join(required, sql` or `)
  const counts = tests.map((test, i) => sql`, count(*) filter (where ${test})::int as ${sql.ref(`n${i}`)}`)
  const { rows } = await sql<Record<string, number>>`
    select count(*)::int as people, count(*) filter (where ${lacking})::int as lacking${sql.join(counts, sql``)}
      from (${people}) as meant
      join contact as c on c.workspace_id = ${workspaceId}::uuid and c.id = meant.contact_id`.execute(tx)
  const row = rows[0] ?? {}
  return { people: row.people ?? 0, lacking: row.lacking ?? 0, empty: fields.map((_, i) => row[`n${i}`] ?? 0) }
}

/** As src/templates/content.ts has it: nothing, or nothing but white space. */
function emptyTest(path: string): RawBuilder<boolean> {
  const [first = '', ...rest] = path.replace(/^contact\./, '').split('.')
  if (rest.length === 0 && first === 'email') return sql<boolean>`false`
  if (rest.length === 0 && OWN.some((name) => name === first))
    return sql<boolean>`coalesce(${sql.ref(`c.${first}`)}, '') !~ '[^[:space:]]'`
  return sql<boolean>`coalesce(c.data #>> ${textArray([first, ...rest])}::text[], '') !~ '[^[:space:]]'`
}

/** Some of them: all where there are few, else spread over everybody and the same ones each time. */
export async function samplePeople(
  tx: Tx,
  people: RawBuilder<unknown>,
  limit: number,
): Promise<{ readonly contactId: ContactId; readonly address: string }[]> {
  const { rows } = await sql<{ contactId: ContactId; address: string }>`
    select contact_id as "contactId", address from (${people}) as meant order by hashtext(contact_id::text) limit ${limit}`.execute(
    tx,
  )
  return rows
}
