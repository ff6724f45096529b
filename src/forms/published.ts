import { listFields } from '../contacts/fields.ts'
import { type ContactList, findList } from '../contacts/lists.ts'
import type { Db, Tx } from '../db/database.ts'
import { isId } from '../lib/ids.ts'
import { type ConsentText, FORM_SLUG, type Form, type FormId, type FormSettings } from './form.ts'
import { selectConsents, selectForm, selectFormAt, selectVersion } from './queries.ts'
import type { Asked } from './read-answers.ts'

/** A form as visitors meet it, with everything that it takes to show it and to read what they type. */
export interface Shown extends Asked {
  readonly form: Form
  readonly version: number
  /** Those of its lists that can be joined, in its order. */
  readonly lists: readonly (ContactList & { readonly offered: boolean })[]
}

/** By slug or id, as anybody may have typed it; null for what is not there, or not published. */
export async function findShown(db: Db, slugOrId: string): Promise<Shown | null> {
  if (!FORM_SLUG.test(slugOrId) && !isId(slugOrId)) return null
  const form = await selectFormAt(db, isId(slugOrId) ? { id: slugOrId as FormId } : { slug: slugOrId })
  if (form?.state !== 'published') return null
  const settings = await selectVersion(db, form)
  return settings && (await shown(db, form, settings, form.version, await selectConsents(db, form)))
}

/** What is being written, as it would look: boxes have the words of the draft. */
export async function showDraft(db: Db | Tx, form: Form): Promise<Shown> {
  const consents = form.settings.consents.map(({ key, text }): ConsentText => ({ key, text, version: 1, hash: '' }))
  return await shown(db, form, form.settings, form.version, consents)
}

/** As it was when somebody sent it. */
export async function showVersion(
  db: Db | Tx,
  { workspaceId, id }: Pick<Form, 'workspaceId' | 'id'>,
  version: number,
): Promise<Shown | null> {
  const form = await selectForm(db, workspaceId, id)
  const settings = form && (await selectVersion(db, { ...form, version }))
  return form && settings ? await shown(db, form, settings, version, await selectConsents(db, form)) : null
}

async function shown(
  db: Db | Tx,
  form: Form,
  settings: FormSettings,
  version: number,
  consents: readonly ConsentText[],
): Promise<Shown> {
  const lists: Shown['lists'][number][] = []
  for (const { id, offered } of settings.lists) {
    const list = await findList(db, form.workspaceId, id as ContactList['id'])
    if (list && !list.archivedAt) lists.push({ ...list, offered })
  }
  const open = new Set<string>(lists.map(({ id }) => id))
  const contactFields = await listFields(db, form.workspaceId)
  return {
    form,
    version,
    settings: { ...settings, lists: settings.lists.filter(({ id }) => open.has(id)) },
    consents,
    contactFields,
    lists,
  }
}

/** Whether whoever asks for these has to confirm by mail, before anything is known of them. */
export function asksByMail({ settings, lists }: Pick<Shown, 'settings' | 'lists'>, wanted: readonly string[]): boolean {
  return settings.double_opt_in || lists.some(({ id, optIn }) => optIn === 'double' && wanted.includes(id))
}
