import { contactIdsOf, keyOfAddress } from '../contacts/save-contact.ts'
import type { Tx } from '../db/database.ts'
import { findSentAs } from '../delivery/feedback/sent-as.ts'
import { hasGot } from '../delivery/suppression/suppress.ts'
import { type Candidate, matchOf } from '../helpdesk/matching.ts'
import { type Addressed, findAddressed, selectCandidates } from '../helpdesk/matching-queries.ts'
import { readReplyToken, replyKey } from '../helpdesk/outgoing/reply-token.ts'
import type { Secrets } from '../lib/secrets.ts'
import { asksToUnsubscribe, type Known, ruleAgainst } from './decide.ts'
import { type ClaimedMail, type IgnoreRule, selectSurroundings } from './queries.ts'
import type { ReadMail } from './read-mail.ts'

/** What a look around needs to know of how a mail came, and of what it says. */
export type Came = Pick<ClaimedMail, 'workspaceId' | 'inboxId' | 'envelopeRecipients'>
export type Says = Pick<ReadMail, 'mail' | 'keys' | 'contentHash' | 'reading' | 'automatic' | 'body'>

export interface LookedAround {
  readonly known: Known
  readonly addressed: Addressed
  readonly candidates: readonly Candidate[]
  /** The rule that turns it away. */
  readonly rule: IgnoreRule | null
}

/** Purposes of mail that nobody wrote: come back, it is never news. */
const BY_ITSELF: ReadonlySet<string> = new Set(['auto_reply', 'no_match_answer', 'notification'])

/** Everything the decision needs, in a few statements whatever the mail holds. */
export async function lookAround(
  tx: Tx,
  deps: { readonly secrets: Pick<Secrets, 'hmac'> },
  came: Came,
  read: Says,
): Promise<LookedAround> {
  const { workspaceId } = came
  const { mail, keys, contentHash } = read
  const sender = keyOfAddress(mail.from?.address ?? '') ?? ''
  const addressed = await findAddressed(tx, workspaceId, came.inboxId, addressesOf(came, read), sender === '' ? [] : [sender])
  const inboxId = addressed.inbox?.id ?? null
  const contactId = sender === '' ? null : ((await contactIdsOf(tx, workspaceId, [sender])).get(sender) ?? null)
  const tokens = keys.tokens.flatMap((token) => readReplyToken(token, [replyKey(deps.secrets)]) ?? [])
  const own = mail.messageId
  const references = [...keys.references.filter((id) => id !== own), ...(own === null ? [] : [own])]
  const sentAs = await findSentAs(tx, workspaceId, references)
  const candidates = await selectCandidates(
    tx,
    workspaceId,
    {
      tokens: tokens.flatMap(({ purpose, id }) => (purpose === 'reply' ? [id] : [])),
      references,
      tags: keys.subjectTags,
      messages: sentAs.filter(({ isAlias }) => isAlias),
    },
    sender,
    contactId,
  )
  const isOwnId = ({ key }: Candidate) => key.via === 'reference' && key.rfcId === own
  const { repeats, rules } = await selectSurroundings(tx, workspaceId, inboxId, { rfcMessageId: own, contentHash })
  const unsubscribes =
    sender !== '' && asksToUnsubscribe(mail.subject, read.body.text) && (await hasGot(tx, workspaceId, sender, 'bulk'))
  const rule = ruleAgainst(rules, { from: sender, to: mail.to.map(({ address }) => address), subject: mail.subject })
  return {
    addressed,
    candidates,
    rule,
    known: {
      kind: read.reading.kind,
      automatic: read.automatic,
      inbox: addressed.inbox,
      repeats,
      ignoredBy: rule?.pattern ?? null,
      isOwn:
        sentAs.some(({ rfcId, purpose }) => rfcId === own && BY_ITSELF.has(purpose ?? '')) ||
        candidates.some(
          (candidate) => isOwnId(candidate) && (candidate.key as { isOurs?: boolean }).isOurs && candidate.inboxId === inboxId,
        ),
      isFromInbox: addressed.own.has(sender),
      answersNotification: tokens.some(({ purpose }) => purpose === 'notification'),
      unsubscribes,
      match: matchOf(
        candidates.filter((candidate) => !isOwnId(candidate)),
        inboxId,
      ),
    },
  }
}

/** Every address that may say whose mail it is: what was said at the door first, then what the sender wrote. A plus and what follows it is detail. */
function addressesOf({ envelopeRecipients }: Came, { mail }: Says): string[] {
  const named = [...mail.to, ...mail.cc, ...mail.bcc].map(({ address }) => address)
  const delivered = mail.headers.flatMap(({ name, value }) =>
    /^(?:x-)?(?:delivered-to|original-to|envelope-to)$/i.test(name) ? [value] : [],
  )
  const keys = [...envelopeRecipients, ...delivered, ...named].flatMap(
    (address) => keyOfAddress(address.replace(/^<|>$/g, '')) ?? [],
  )
  return [...new Set(keys.flatMap((key) => [key, key.replace(/\+[^@]*@/, '@')]))].slice(0, 400)
}
