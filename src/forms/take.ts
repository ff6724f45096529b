/** Somebody sends a form. What they are told depends on the form and on what they typed, and never on who is known here. */
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Database, Tx } from '../db/database.ts'
import { submit } from '../delivery/submit.ts'
import type { Resolver } from '../dns/resolver.ts'
import { append } from '../events/append.ts'
import { type Clock, HOUR, SECOND } from '../lib/clock.ts'
import { newId } from '../lib/ids.ts'
import type { Secrets } from '../lib/secrets.ts'
import { checkProof } from './altcha.ts'
import { applySubmission } from './apply.ts'
import { askCaptcha, CAPTCHA_PAGES, CAPTCHA_WORLD, type CaptchaWorld } from './captcha.ts'
import { type Circumstances, factsOf } from './facts.ts'
import { isForeign } from './form.ts'
import { insertChallenge } from './limit-queries.ts'
import { countSubmission, mailsTo } from './limits.ts'
import { composeFormMail } from './mail.ts'
import { asksByMail, type Shown } from './published.ts'
import { HONEYPOT, type Posted, type Read, readAnswers } from './read-answers.ts'
import { judge, type Submission, type SubmissionId } from './submission.ts'
import { insertSubmission } from './submission-queries.ts'
import { captchaSeal, challengeKey, confirmToken, readStarted } from './tokens.ts'

export interface TakeDeps {
  readonly database: Database
  readonly blobs: BlobStore
  readonly secrets: Secrets
  readonly clock: Clock
  readonly resolver: Resolver
  /** Where people reach us: confirm links lead there. */
  readonly url: string
  readonly captchas?: CaptchaWorld
}

export interface From {
  readonly ip: string
  /** Where the form stood, as the browser says. */
  readonly page: string
}

export type Taken =
  /** 'asked': look into your mailbox. 'done': that was all. */
  | { readonly kind: 'taken'; readonly outcome: 'asked' | 'done' }
  | { readonly kind: 'wrong'; readonly errors: ReadonlyMap<string, string> }
  /** Nothing was kept; the same once more will do. */
  | { readonly kind: 'again'; readonly why: Again; readonly retryAfterSeconds?: number }

export const AGAIN = [
  'too_fast',
  'no_proof',
  'proof_used',
  'proof_expired',
  'captcha_failed',
  'captcha_down',
  'too_many',
] as const
export type Again = (typeof AGAIN)[number]

/** Nobody reads and fills in a form in less. */
const LEAST_MS = 1.5 * SECOND

export async function takeSubmission(deps: TakeDeps, shown: Shown, posted: Posted, from: From): Promise<Taken> {
  const now = deps.clock.now()
  const answers = readAnswers(shown, posted)
  if (!answers.ok) return { kind: 'wrong', errors: answers.errors }
  const started = readStarted(shown.form.id, posted.get('started')?.[0] ?? '', deps.secrets)
  if (started && now.getTime() - started.getTime() < LEAST_MS) return { kind: 'again', why: 'too_fast' }
  const proof = await proofOf(deps, shown, posted, now)
  if (proof.kind === 'again') return proof
  const { form } = shown
  return await deps.database.transaction({ as: 'api', workspaceId: form.workspaceId }, async (tx): Promise<Taken> => {
    const isUnproven = proof.kind === 'unproven'
    const over = await countSubmission(tx, form, shown.settings, { ip: from.ip, isUnproven }, deps.secrets, now)
    if (over) return { kind: 'again', why: 'too_many', ...over }
    if (proof.kind === 'work' && !(await insertChallenge(tx, form.workspaceId, proof.used, proof.expiresAt)))
      return { kind: 'again', why: 'proof_used' }
    const honeypot = (posted.get(HONEYPOT)?.[0] ?? '') !== ''
    await keep(tx, deps, shown, answers.read, { from, honeypot, isUnproven }, now)
    return { kind: 'taken', outcome: isUnproven || asksByMail(shown, answers.read.lists) ? 'asked' : 'done' }
  })
}

type ProofOf =
  | { readonly kind: 'none' | 'passed' | 'unproven' }
  | { readonly kind: 'work'; readonly used: Buffer; readonly expiresAt: Date }
  | Extract<Taken, { kind: 'again' }>

async function proofOf(deps: TakeDeps, { form, settings }: Shown, posted: Posted, now: Date): Promise<ProofOf> {
  const { kind, unproven } = settings.captcha
  const without = (why: Again): ProofOf => (unproven === 'confirm' ? { kind: 'unproven' } : { kind: 'again', why })
  if (kind === 'none') return { kind: 'none' }
  if (!isForeign(kind)) {
    const proof = checkProof(posted.get('altcha')?.[0] ?? '', challengeKey(form.id, deps.secrets), now)
    if (proof.ok) return { kind: 'work', used: proof.used, expiresAt: proof.expiresAt }
    if (proof.why === 'missing') return without('no_proof')
    return { kind: 'again', why: proof.why === 'expired' ? 'proof_expired' : 'captcha_failed' }
  }
  const token = posted.get(CAPTCHA_PAGES[kind].field)?.[0] ?? ''
  if (token === '') return without('no_proof')
  const secret = form.sealedSecret === null ? '' : deps.secrets.open(form.sealedSecret, captchaSeal(form.id))
  const monotonicMs = () => deps.clock.monotonicMs()
  const answer = await askCaptcha(
    (deps.captchas ?? CAPTCHA_WORLD)[kind],
    { secret, token },
    { resolver: deps.resolver, monotonicMs },
  )
  if (answer.kind === 'passed') return { kind: 'passed' }
  return answer.kind === 'down' ? without('captcha_down') : { kind: 'again', why: 'captcha_failed' }
}

async function keep(
  tx: Tx,
  deps: TakeDeps,
  shown: Shown,
  read: Read,
  circumstances: Circumstances & { readonly from: From },
  now: Date,
): Promise<void> {
  const { form, settings, version } = shown
  const { workspaceId } = form
  const facts = await factsOf(tx, shown, read, { ...circumstances, secrets: deps.secrets }, now)
  const verdict = judge(facts)
  if (verdict.kind === 'ask') await mailsTo(tx, { workspaceId, secrets: deps.secrets }, read.address, 1, now)
  const plain: Submission = {
    workspaceId,
    id: newId<SubmissionId>(now.getTime()),
    formId: form.id,
    version,
    state: verdict.kind === 'ask' ? 'waiting' : verdict.kind === 'accept' ? 'accepted' : 'refused',
    reason: verdict.kind === 'refuse' ? verdict.reason : '',
    ...read,
    ip: settings.keep_ip ? circumstances.from.ip : null,
    page: circumstances.from.page.slice(0, 500),
    at: now,
    confirmBy: verdict.kind === 'ask' ? new Date(now.getTime() + settings.confirm_hours * HOUR) : null,
    settledAt: verdict.kind === 'ask' ? null : now,
    settledIp: null,
    contactId: null,
    messageId: null,
  }
  const mail = verdict.kind === 'ask' ? await confirmMail(deps, shown, plain, now) : null
  if (mail) await submit(tx, deps.blobs, [mail], now)
  const contactId =
    verdict.kind === 'accept' ? await applySubmission(tx, deps, shown, plain, { isConfirmed: false, ip: null }, now) : null
  await insertSubmission(tx, { ...plain, contactId, messageId: mail?.id ?? null })
  await append(
    tx,
    {
      type: 'form.submitted',
      workspaceId,
      subjectId: form.id,
      ...(mail && { messageId: mail.id }),
      data: {
        name: form.name,
        submission_id: plain.id,
        state: plain.state,
        ...(plain.reason !== '' && { reason: plain.reason }),
      },
    },
    now,
  )
}

async function confirmMail({ blobs, secrets, url }: TakeDeps, { form, settings, lists }: Shown, said: Submission, now: Date) {
  const { first_name = '', last_name = '', language = '' } = said.answers
  const contact = { email: said.address, first_name, last_name, name: `${first_name} ${last_name}`.trim(), language }
  const parts = {
    ...{ workspaceId: form.workspaceId, formId: form.id, submissionId: said.id, purpose: 'confirm' as const, actor: null },
    ...{ settings, mail: settings.confirmation, to: said.address },
    data: {
      contact,
      form: { name: form.name, title: settings.title || form.name },
      lists: lists.filter(({ id }) => said.lists.includes(id)).map(({ name }) => name),
      confirm_url: `${url}${CONFIRM_PATH}${confirmToken(said.id, secrets)}`,
    },
  }
  return await composeFormMail(blobs, parts, now)
}

export const CONFIRM_PATH = '/confirm/'
