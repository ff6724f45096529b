/** How a text reads, before anybody gets it: with one person's values, or with those of somebody made up. */
import type { Db } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import { type Compiled, compileParts } from '../../templates/compile.ts'
import type { Content, Parts, Problem } from '../../templates/content.ts'
import { templateOf } from '../../templates/library/templates.ts'
import type { MjmlReader } from '../../templates/mjml/mjml.ts'
import { makeParts } from '../../templates/parts.ts'
import { type ReadTexts, readAs } from '../../templates/read.ts'
import { PREFERENCES_PLACE, UNSUBSCRIBE_PATH, UNSUBSCRIBE_PLACE } from '../../tracking/personalise.ts'
import { asVariant, variantsOf } from '../ab/as-variant.ts'
import { archiveUrlOf } from '../archive/archive.ts'
import type { Campaign } from '../campaign.ts'
import { marked, OWN_NAMES, sharedOf } from '../compile.ts'
import { withWayOut } from '../leaving/way-out.ts'
import { type Reader, readerOf } from './person.ts'

export interface ReadDeps {
  readonly db: Db
  readonly mjml: Pick<MjmlReader, 'read'>
  /** Where people reach us. */
  readonly url: string
}

export interface Draft {
  readonly workspaceId: WorkspaceId
  readonly name: string
  readonly content: Content
  /** Where it could be read on the web; null: nowhere. */
  readonly archiveUrl?: string | null
  readonly utm?: Campaign['utm']
}

/** A campaign as those will get it who get this version: with its marks on links, and the address that it will have in the archive. */
export async function draftOf({ db, url }: Pick<ReadDeps, 'db' | 'url'>, campaign: Campaign, version = 0): Promise<Campaign> {
  if (version >= variantsOf(campaign).length) throw new Refusal('not_found', { what: 'version' })
  const archiveUrl = campaign.archiveUrl ?? (await archiveUrlOf(db, url, campaign))
  return asVariant({ ...campaign, archiveUrl }, version)
}

export interface Preview {
  readonly reader: Reader
  /** What is wrong with it, whoever reads it. */
  readonly problems: readonly Problem[]
  /** Null where there are problems, or where this person would get nothing. */
  readonly texts: ReadTexts | null
  /** Why this person would get nothing. */
  readonly sentence: string | null
  /** Fields that the text asks for. */
  readonly paths: readonly string[]
}

/** The word in the place of a token in links to leave that are no delivery's: they lead to a page that says so, and change nothing. */
export const TEST_TOKEN = 'test'

/** What belongs to a delivery, of a mail that has none. */
export function ownOfTest(url: string): Readonly<Record<string, string>> {
  const leave = `${url}${UNSUBSCRIBE_PATH}${TEST_TOKEN}`
  return {
    ...Object.fromEntries(OWN_NAMES.map((name) => [name, TEST_TOKEN])),
    [UNSUBSCRIBE_PLACE]: leave,
    [PREFERENCES_PLACE]: leave,
  }
}

export type Written =
  | { readonly ok: true; readonly parts: Parts; readonly compiled: Compiled }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** As it would be sent, but for links that lead through us. */
export async function writeDraft({ db, mjml, url }: ReadDeps, draft: Draft, now: Date): Promise<Written> {
  const { workspaceId, name, content, archiveUrl = null, utm = null } = draft
  const made = await makeParts(content, await templateOf(db, workspaceId, content), mjml)
  if (!made.ok) return made
  const parts = withWayOut(marked(made.parts, { utm }, url))
  return { ok: true, parts, compiled: compileParts(parts, sharedOf({ name, content, archiveUrl }), OWN_NAMES, now) }
}

export async function previewDraft(deps: ReadDeps, draft: Draft, contactId: ContactId | null, now: Date): Promise<Preview> {
  const reader = await readerOf(deps.db, draft.workspaceId, contactId)
  const written = await writeDraft(deps, draft, now)
  if (!written.ok) return { reader, problems: written.problems, texts: null, sentence: null, paths: [] }
  const own = ownOfTest(deps.url)
  const { compiled } = written
  const rendered = compiled.render({ contact: reader.contact, own }, now)
  const common = { reader, problems: [], paths: compiled.paths }
  switch (rendered.kind) {
    case 'ready':
      return { ...common, texts: readAs(compiled, rendered.values, own), sentence: null }
    case 'missing_field':
      return {
        ...common,
        texts: null,
        sentence: `Nothing is sent to whoever has no ${rendered.fields.join(', ')}: it is required.`,
      }
    case 'unrenderable':
      return { ...common, texts: null, sentence: rendered.sentence }
  }
}
