/** What lists and duplicates know of a mail. Pure. */
import type { Facts } from './queries.ts'
import type { ReadMail } from './read-mail.ts'
import type { HeadFacts } from './unread.ts'

export const NO_FACTS: Facts = {
  inboxId: null,
  from: { name: '', address: '' },
  subject: '',
  rfcMessageId: null,
  contentHash: null,
  automatic: null,
  authentication: null,
  to: [],
  ruleId: null,
}

export function factsOfHead({ from, to, subject, messageId }: HeadFacts): Partial<Facts> {
  return { from: from ?? NO_FACTS.from, to: to.map(({ address }) => address), subject, rfcMessageId: messageId }
}

export function factsOf({ mail, contentHash, automatic, authentication }: ReadMail, inboxId: Facts['inboxId']): Facts {
  return {
    inboxId,
    from: mail.from ?? { name: '', address: '' },
    subject: mail.subject,
    rfcMessageId: mail.messageId,
    contentHash,
    automatic: automatic && `${automatic.kind}: ${automatic.why}`,
    authentication,
    to: mail.to.map(({ address }) => address.slice(0, 320)),
    ruleId: null,
  }
}
