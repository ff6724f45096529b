import { createHash } from 'node:crypto'
import { type Actor, actorReference } from '../accounts/actor.ts'
import { listFields } from '../contacts/fields.ts'
import { listLists, slugOf } from '../contacts/lists.ts'
import { sqlStateOf, type Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { newId } from '../lib/ids.ts'
import type { Secrets } from '../lib/secrets.ts'
import { parseMailbox } from '../mail/address.ts'
import { FIRST_SETTINGS } from './first-settings.ts'
import { type Form, type FormId, type FormSettings, isForeign } from './form.ts'
import { wrongInMail } from './mail.ts'
import { type Missing, missingIn } from './missing.ts'
import { deleteForm, insertConsent, insertForm, insertVersion, selectConsents, selectForm, updateForm } from './queries.ts'
import { captchaSeal } from './tokens.ts'

export interface FormChange {
  readonly name?: string | undefined
  readonly slug?: string | undefined
  readonly settings?: FormSettings | undefined
  /** Of hCaptcha or Turnstile; left out: as it is. */
  readonly captchaSecret?: string
}

/** Works as soon as a list and a sender are chosen. A slug that nobody chose and that is taken gets some letters more. */
export async function createForm(
  tx: Tx,
  secrets: Pick<Secrets, 'seal'>,
  said: FormChange & { readonly name: string; readonly random: string },
  actor: Actor,
  now: Date,
): Promise<Form> {
  const id = newId<FormId>(now.getTime())
  const settings = said.settings ?? { ...FIRST_SETTINGS, title: said.name }
  mustBeSound(settings)
  const form: Form = {
    ...{ workspaceId: actor.workspaceId, id, name: said.name, settings },
    slug: said.slug ?? `${slugOf(said.name).slice(0, 48)}-${said.random}`,
    revision: 1,
    state: 'draft',
    version: 0,
    sealedSecret: said.captchaSecret ? secrets.seal(said.captchaSecret, captchaSeal(id)) : null,
    createdAt: now,
    updatedAt: now,
    publishedAt: null,
  }
  await unlessTaken(insertForm(tx, form), form.slug)
  await tell(tx, form, 'form.created', actor, now)
  return form
}

/** `revision` as it was read: a change that somebody else made in between is not overwritten. Visitors see it once it is published. */
export async function changeForm(
  tx: Tx,
  secrets: Pick<Secrets, 'seal'>,
  id: FormId,
  { captchaSecret, ...said }: FormChange,
  revision: number | null,
  actor: Actor,
  now: Date,
): Promise<Form> {
  const form = await mustLock(tx, id, actor)
  if (revision !== null && revision !== form.revision)
    throw new Refusal('changed_meanwhile', { happened: 'Somebody changed this form' })
  if (said.settings) mustBeSound(said.settings)
  const sealedSecret =
    captchaSecret === undefined ? form.sealedSecret : captchaSecret === '' ? null : secrets.seal(captchaSecret, captchaSeal(id))
  const changed: Form = {
    ...form,
    name: said.name ?? form.name,
    slug: said.slug ?? form.slug,
    settings: said.settings ?? form.settings,
    sealedSecret,
    revision: form.revision + 1,
    updatedAt: now,
  }
  await unlessTaken(updateForm(tx, changed), changed.slug)
  await tell(tx, changed, 'form.changed', actor, now)
  return changed
}

/** What is missing before it can be shown to people. */
export async function missingOf(tx: Tx, form: Form, now: Date): Promise<Missing[]> {
  const lists = (await listLists(tx, form.workspaceId)).filter(({ archivedAt }) => archivedAt === null)
  const fields = await listFields(tx, form.workspaceId)
  const facts = {
    hasSecret: form.sealedSecret !== null,
    lists: new Set<string>(lists.map(({ id }) => id)),
    fields: new Set(fields.map(({ key }) => key)),
  }
  const { confirmation, welcome } = form.settings
  const mails = [
    ['/confirmation', wrongInMail(confirmation, now)],
    ['/welcome', welcome && wrongInMail(welcome, now)],
  ] as const
  return [
    ...missingIn(form.settings, facts),
    ...mails.flatMap(([where, sentence]) => (sentence === null ? [] : [{ where, sentence }])),
  ]
}

/** From now on visitors see what is written now. A box whose words were changed gets a new version; the old one is kept. */
export async function publishForm(tx: Tx, id: FormId, actor: Actor, now: Date): Promise<Form> {
  const form = await mustLock(tx, id, actor)
  const [first] = await missingOf(tx, form, now)
  if (first) throw new Refusal('form_not_ready', { why: first.sentence, pointer: `/settings${first.where}` })
  const published: Form = { ...form, state: 'published', version: form.version + 1, publishedAt: now, updatedAt: now }
  const known = await selectConsents(tx, form)
  for (const { key, text } of form.settings.consents) {
    const last = known.find((one) => one.key === key)
    if (last?.text === text) continue
    const hash = createHash('sha256').update(text).digest('hex')
    await insertConsent(tx, form, { key, version: (last?.version ?? 0) + 1, text, hash }, now)
  }
  await insertVersion(tx, published, actorReference(actor), now)
  await updateForm(tx, published)
  await tell(tx, published, 'form.published', actor, now)
  return published
}

/** Nobody can send it any more. Links in mails that were sent still confirm. */
export async function unpublishForm(tx: Tx, id: FormId, actor: Actor, now: Date): Promise<Form> {
  const form = await mustLock(tx, id, actor)
  if (form.state !== 'published') return form
  const closed: Form = { ...form, state: 'unpublished', updatedAt: now }
  await updateForm(tx, closed)
  await tell(tx, closed, 'form.unpublished', actor, now)
  return closed
}

/** With its submissions. What people agreed to stays with them, in the proof of their consent. */
export async function removeForm(tx: Tx, id: FormId, actor: Actor, now: Date): Promise<void> {
  const form = await mustLock(tx, id, actor)
  await deleteForm(tx, actor.workspaceId, id)
  await tell(tx, form, 'form.removed', actor, now)
}

/** Only what would never be right: what is not said yet may be empty. */
function mustBeSound({ sender, reply_to, captcha }: FormSettings): void {
  for (const [pointer, text] of [
    ['/settings/sender', sender],
    ['/settings/reply_to', reply_to ?? ''],
  ] as const)
    if (text !== '' && !parseMailbox(text)) throw new Refusal('invalid_address', { text, pointer })
  if (isForeign(captcha.kind) && !/^[A-Za-z0-9_.-]*$/.test(captcha.site_key))
    throw new Refusal('invalid_request', {
      pointer: '/settings/captcha/site_key',
      why: 'A site key is letters, digits, hyphens and underscores.',
    })
}

async function mustLock(tx: Tx, id: FormId, { workspaceId }: Actor): Promise<Form> {
  const form = await selectForm(tx, workspaceId, id, { lock: true })
  if (!form) throw new Refusal('not_found', { what: 'form' })
  return form
}

/** Used once on the whole server: another workspace's form cannot be seen from here, only met. */
async function unlessTaken(work: Promise<void>, slug: string): Promise<void> {
  await work.catch((error: unknown) => {
    throw sqlStateOf(error) === '23505' ? new Refusal('form_address_taken', { slug, pointer: '/slug' }) : error
  })
}

async function tell(
  tx: Tx,
  { workspaceId, id, name }: Form,
  type: 'form.created' | 'form.changed' | 'form.published' | 'form.unpublished' | 'form.removed',
  actor: Actor,
  now: Date,
): Promise<void> {
  await append(tx, { type, workspaceId, subjectId: id, actor: actorReference(actor), data: { name } }, now)
}
