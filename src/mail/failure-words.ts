import type { FailureClass } from './failure.ts'

/** What providers call a failure in their webhooks, written without case and punctuation: SES's subtypes and delay types, Scaleway's events. */
const WORDS: Readonly<Record<string, FailureClass>> = {
  noemail: 'recipient_unknown',
  mailboxnotfound: 'recipient_unknown',
  emailmailboxnotfound: 'recipient_unknown',
  mailboxfull: 'mailbox_full',
  messagetoolarge: 'too_large',
  contentrejected: 'content_spam',
  attachmentrejected: 'content_virus',
  spamdetected: 'content_spam',
  emailspam: 'content_spam',
  suppressed: 'provider_suppressed',
  onaccountsuppressionlist: 'provider_suppressed',
  emailblocklisted: 'provider_suppressed',
  blocklisted: 'provider_suppressed',
  recipientservererror: 'remote_temporary',
  internalfailure: 'remote_temporary',
  transientcommunicationfailure: 'remote_unreachable',
  ipfailure: 'rate_limited',
  sendingdeferral: 'rate_limited',
  unsubscribedrecipient: 'provider_suppressed',
}

/** The class that a provider's own word stands for; null for a word that says nothing ("General", "Undetermined"). */
export function classOfWord(word: string | null): FailureClass | null {
  if (word === null) return null
  const key = word
    .slice(0, 100)
    .toLowerCase()
    .replace(/[^a-z]/g, '')
  return Object.hasOwn(WORDS, key) ? (WORDS[key] ?? null) : null
}
