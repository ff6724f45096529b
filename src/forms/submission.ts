/**
 * What somebody typed into a form:
 *
 *   (typed) ──▶ waiting ──button behind the link──▶ confirmed
 *      │           ├──"that was not me"──▶ denied
 *      │           └──time──▶ expired
 *      ├──▶ accepted   nobody has to confirm, and nobody is known by this address
 *      └──▶ refused    with its reason; nothing is sent
 *
 * Law: anybody can type anybody's address. Of whoever is known already nothing changes before the mail to that address was confirmed, and what the
 * visitor is told does not depend on it. Pure.
 */
import type { ContactId, Id, MessageId, WorkspaceId } from '../lib/ids.ts'
import type { FormId } from './form.ts'

export type SubmissionId = Id<'form_submission'>
export const SUBMISSION_STATES = ['waiting', 'confirmed', 'accepted', 'expired', 'denied', 'refused'] as const
export type SubmissionState = (typeof SUBMISSION_STATES)[number]

export const REFUSAL_REASONS = ['honeypot', 'complaint', 'unknown_address', 'blocked', 'denied_before', 'mail_limit'] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

/** In words for whoever looks at a form's submissions. */
export const REASON_WORDS: Readonly<Record<RefusalReason, string>> = {
  honeypot: 'A field that people do not see was filled in: a program wrote this.',
  complaint: 'Whoever has this address reported mail from here as spam. They are not written to.',
  unknown_address: 'The receiving side says that this address does not exist.',
  blocked: 'This address is on the suppression list, for all mail.',
  denied_before: 'Whoever has this address said that it was not them who asked. They are left alone for a while.',
  mail_limit: 'This address got as many mails to confirm as are sent within a day. The link in the last one still works.',
}

/** What of a person a form asks for. Left out: it was not said. */
export interface Answers {
  readonly first_name?: string
  readonly last_name?: string
  readonly language?: string
  readonly data?: Readonly<Record<string, unknown>>
}

export interface GivenConsent {
  readonly key: string
  readonly version: number
  readonly hash: string
  readonly given: boolean
}

export interface Submission {
  readonly workspaceId: WorkspaceId
  readonly id: SubmissionId
  readonly formId: FormId
  readonly version: number
  readonly state: SubmissionState
  readonly reason: RefusalReason | ''
  readonly address: string
  readonly answers: Answers
  readonly lists: readonly string[]
  readonly consents: readonly GivenConsent[]
  readonly ip: string | null
  /** Where the form stood, as far as browsers say. */
  readonly page: string
  readonly at: Date
  readonly confirmBy: Date | null
  readonly settledAt: Date | null
  readonly settledIp: string | null
  readonly contactId: ContactId | null
  readonly messageId: MessageId | null
}

export interface SubmissionFacts {
  readonly honeypot: boolean
  /** Nothing says that a person sits there: no script ran, or the provider could not be asked, and the form takes people all the same. */
  readonly isUnproven: boolean
  /** By the form, or by one of the lists asked for. */
  readonly doubleOptIn: boolean
  /** A contact has this address, or it is on the suppression list for some list: somebody said something about it before. */
  readonly isKnown: boolean
  /** Why no mail may go there. */
  readonly unreachable: 'complaint' | 'unknown_address' | 'blocked' | null
  readonly deniedBefore: boolean
  /** Mails to confirm that this address got within a day, and how many it may get. */
  readonly mails: number
  readonly mostMails: number
}

export type Verdict =
  | { readonly kind: 'refuse'; readonly reason: RefusalReason }
  /** A mail is sent; nothing changes before its button is pressed. */
  | { readonly kind: 'ask' }
  /** It counts as it is. */
  | { readonly kind: 'accept' }

export function judge(facts: SubmissionFacts): Verdict {
  if (facts.honeypot) return { kind: 'refuse', reason: 'honeypot' }
  if (facts.unreachable) return { kind: 'refuse', reason: facts.unreachable }
  if (facts.deniedBefore) return { kind: 'refuse', reason: 'denied_before' }
  if (!facts.doubleOptIn && !facts.isKnown && !facts.isUnproven) return { kind: 'accept' }
  return facts.mails >= facts.mostMails ? { kind: 'refuse', reason: 'mail_limit' } : { kind: 'ask' }
}

/** Whether pressing the button still does something. */
export function mayConfirm({ state, confirmBy }: Pick<Submission, 'state' | 'confirmBy'>, now: Date): boolean {
  return state === 'waiting' && confirmBy !== null && now < confirmBy
}
