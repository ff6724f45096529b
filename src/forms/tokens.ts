import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Secrets } from '../lib/secrets.ts'
import { readSignedId, signId } from '../lib/signed-id.ts'
import type { FormId } from './form.ts'
import type { SubmissionId } from './submission.ts'

type Keys = Pick<Secrets, 'hmac'>

const CONFIRM = 'form confirm'
const PREFERENCES = 'form preferences'

function keyOf(secrets: Keys): Buffer {
  return secrets.hmac('forms', 'key')
}

/** In the link of the mail: whoever has it got that mail. */
export function confirmToken(id: SubmissionId, secrets: Keys): string {
  return signId(CONFIRM, id, keyOf(secrets))
}
export function readConfirmToken(token: string, secrets: Keys): SubmissionId | null {
  return readSignedId(CONFIRM, token, [keyOf(secrets)]) as SubmissionId | null
}

/** In a welcome mail: leads to the page of preferences, and confirms nothing. */
export function preferencesTokenOf(id: SubmissionId, secrets: Keys): string {
  return signId(PREFERENCES, id, keyOf(secrets))
}
export function readFormPreferencesToken(token: string, secrets: Keys): SubmissionId | null {
  return readSignedId(PREFERENCES, token, [keyOf(secrets)]) as SubmissionId | null
}

/** What challenges of one form are signed with. */
export function challengeKey(formId: FormId, secrets: Keys): Buffer {
  return secrets.hmac('forms challenge', formId)
}

/** Whom a try is counted for, so that nobody can be read out of the counts. */
export function trySubject(text: string, secrets: Keys): Buffer {
  return secrets.hmac('forms try', text)
}

export function captchaSeal(formId: FormId): string {
  return `form:${formId}:captcha`
}

/** When a page was given out: `<milliseconds in base 36>.<proof>`. */
export function startedToken(formId: FormId, at: Date, secrets: Keys): string {
  const said = at.getTime().toString(36)
  return `${said}.${macOf(formId, said, secrets)}`
}
export function readStarted(formId: FormId, token: string, secrets: Keys): Date | null {
  const [said = '', mac = '', ...rest] = token.split('.')
  if (rest.length > 0 || !/^[0-9a-z]{1,11}$/.test(said)) return null
  const [given, expected] = [Buffer.from(mac), Buffer.from(macOf(formId, said, secrets))]
  return given.length === expected.length && timingSafeEqual(given, expected) ? new Date(Number.parseInt(said, 36)) : null
}

function macOf(formId: FormId, said: string, secrets: Keys): string {
  return createHmac('sha256', secrets.hmac('forms started', formId)).update(said).digest('base64url').slice(0, 16)
}
