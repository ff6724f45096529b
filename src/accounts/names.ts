import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { namesOfActors } from './queries.ts'

/** Who an event was done by, in words. */
export interface NamedActor {
  readonly kind: 'user' | 'key' | 'credential' | 'workflow' | 'engine'
  readonly id: string | null
  readonly name: string | null
}

/** Names for references as the event log keeps them (`user:<id>`, `key:<id>`, `credential:<id>`). Who is not there any more has no name, nor has
 * the run of a workflow (`workflow:<id>`): the activities and the run itself name it. */
export async function nameActors(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  references: ReadonlyArray<string | null>,
): Promise<(reference: string | null) => NamedActor> {
  const known = [...new Set(references)].filter((reference) => reference !== null).map(parse)
  const idsOf = (kind: NamedActor['kind']) => known.filter((actor) => actor.kind === kind).map(({ id }) => id ?? '')
  const names =
    known.length === 0
      ? new Map<string, string>()
      : await namesOfActors(db, workspaceId, { users: idsOf('user'), keys: idsOf('key'), credentials: idsOf('credential') })
  return (reference) => {
    if (reference === null) return { kind: 'engine', id: null, name: null }
    const actor = parse(reference)
    return { ...actor, name: names.get(actor.id ?? '') ?? null }
  }
}

function parse(reference: string): NamedActor {
  const [, kind, id] = /^(user|key|credential|workflow):([0-9a-f-]{36})$/.exec(reference) ?? []
  return kind === 'user' || kind === 'key' || kind === 'credential' || kind === 'workflow'
    ? { kind, id: id ?? null, name: null }
    : { kind: 'engine', id: null, name: null }
}
