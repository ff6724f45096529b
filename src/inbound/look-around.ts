import { type Answered, findAnswered } from '../campaigns/replies/answered.ts'
import { contactIdsOf, keyOfAddress } from '../contacts/save-contact.ts'
import type { Tx } from '../db/database.ts'
import { findSentAs, type SentAs } from '../delivery/feedback/sent-as.ts'
import { hasGot } from '../delivery/suppression/suppress.ts'
import { findInbox } from '../helpdesk/inboxes.ts'
import { type Candidate, matchOf } from '../helpdesk/matching.ts'
import { type Addressed, findAddressed, selectCandidates } from '../helpdesk/matching-queries.ts'
import { readReplyToken, replyKey } from '../helpdesk/outgoing/reply-token.ts'
import type { DeliveryId, WorkspaceId } from '../lib/ids.ts'
import type { Secrets } from '../lib/secrets.ts'
import { readAnswerToken, trackingKey } from '../tracking/token.ts'
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
  /** The mail of a campaign that it answers. */
  readonly answered: Answered | null
}

/** Purposes of mail that nobody wrote: come back, it is never news. */
const BY_ITSELF: ReadonlySet<string> = new Set(['auto_reply', 'no_match_answer', 'notification'])

/** A mail that is looked around for. */
export interface Looking {
  readonly came: Came
  readonly says: Says
}

/** Everything the decision needs, of one mail. */
export async function lookAround(tx: Tx, deps: LookDeps, came: Came, says: Says): Promise<LookedAround> {
  const [looked] = await lookAroundAll(tx, deps, came.workspaceId, [{ came, says }])
  return looked as LookedAround
}

interface LookDeps {
  readonly secrets: Pick<Secrets, 'hmac'>
}

/** The same for several of one workspace, in a few statements whatever they hold and however many they are. */
export async function lookAroundAll(
  tx: Tx,
  deps: LookDeps,
  workspaceId: WorkspaceId,
  mails: readonly Looking[],
): Promise<LookedAround[]> {
  const own = mails.map(({ came, says }) => ownKeysOf(deps, came, says))
  const answered = await findAnswered(tx, workspaceId, own)
  const addressed = await findAddressed(
    tx,
    workspaceId,
    own.map(({ sender, answersTo, recipients }, i) => ({
      known: mails[i]?.came.inboxId ?? null,
      recipients,
      others: [...(sender === '' ? [] : [sender]), ...answersTo],
    })),
  )
  for (const [i, one] of answered.entries()) addressed[i] = await whereAnswersGo(tx, addressed[i] ?? NOWHERE, one)
  const contacts = await contactIdsOf(
    tx,
    workspaceId,
    [...new Set(own.map(({ sender }) => sender))].filter((sender) => sender !== ''),
  )
  const sent = await findSentAs(tx, workspaceId, [...new Set(own.flatMap(({ references }) => references))])
  const sentAs = own.map(({ references }) => sent.filter(({ rfcId }) => references.includes(rfcId)))
  const candidates = await selectCandidates(
    tx,
    workspaceId,
    own.map(({ sender, tokens, references, tags }, i) => ({
      keys: {
        tokens: tokens.flatMap(({ purpose, id }) => (purpose === 'reply' ? [id] : [])),
        references,
        tags,
        messages: sentAs[i]?.filter(({ isAlias }) => isAlias) ?? [],
      },
      sender,
      contactId: contacts.get(sender) ?? null,
    })),
  )
  const surroundings = await selectSurroundings(
    tx,
    workspaceId,
    mails.map(({ says: { mail, contentHash } }, i) => ({
      inboxId: addressed[i]?.inbox?.id ?? null,
      rfcMessageId: mail.messageId,
      contentHash,
    })),
  )
  const looked: LookedAround[] = []
  for (const [i, { says }] of mails.entries()) {
    const keys = own[i] as OwnKeys
    const asks = keys.sender !== '' && asksToUnsubscribe(says.mail.subject, says.body.text)
    const around = {
      addressed: addressed[i] ?? NOWHERE,
      sentAs: sentAs[i] ?? [],
      candidates: candidates[i] ?? [],
      answered: answered[i] ?? null,
      ...(surroundings[i] ?? { repeats: null, rules: [] }),
      unsubscribes: asks && (await hasGot(tx, workspaceId, keys.sender, 'bulk')),
    }
    looked.push(whatIsKnown(says, keys, around))
  }
  return looked
}

/** The inbox that the campaign names, while it takes mail; else the one it came to. */
async function whereAnswersGo(tx: Tx, addressed: Addressed, answered: Answered | null): Promise<Addressed> {
  if (!answered?.inboxId || answered.inboxId === addressed.inbox?.id) return addressed
  const inbox = await findInbox(tx, answered.workspaceId, answered.inboxId)
  return inbox && !inbox.closedAt ? { ...addressed, inbox } : addressed
}

const NOWHERE: Addressed = { inbox: null, own: new Map() }

/** What a mail is asked about with, from itself. */
interface OwnKeys {
  /** In lower case; '' for none. */
  readonly sender: string
  readonly answersTo: readonly string[]
  readonly recipients: readonly string[]
  readonly tokens: readonly { readonly purpose: string; readonly id: string }[]
  /** The nearest first, its own Message-ID last. */
  readonly references: readonly string[]
  readonly tags: Says['keys']['subjectTags']
  /** Of mails of campaigns whose mark stood in an address. */
  readonly deliveryIds: readonly DeliveryId[]
}

function ownKeysOf({ secrets }: LookDeps, came: Came, says: Says): OwnKeys {
  const { mail, keys } = says
  const known = [replyKey(secrets)]
  return {
    sender: keyOfAddress(mail.from?.address ?? '') ?? '',
    answersTo: mail.replyTo.flatMap(({ address }) => keyOfAddress(address) ?? []).slice(0, 20),
    recipients: addressesOf(came, says),
    tokens: keys.tokens.flatMap((token) => readReplyToken(token, known) ?? []),
    references: [...keys.references.filter((id) => id !== mail.messageId), ...(mail.messageId === null ? [] : [mail.messageId])],
    tags: keys.subjectTags,
    deliveryIds: keys.tokens.flatMap((token) => readAnswerToken(token, trackingKey(secrets)) ?? []),
  }
}

interface Around {
  readonly addressed: Addressed
  readonly sentAs: readonly SentAs[]
  readonly candidates: readonly Candidate[]
  readonly repeats: Known['repeats']
  readonly rules: readonly IgnoreRule[]
  readonly unsubscribes: boolean
  readonly answered: Answered | null
}

function whatIsKnown({ mail, reading, automatic }: Says, { sender, tokens }: OwnKeys, around: Around): LookedAround {
  const { addressed, sentAs, candidates, repeats, rules, unsubscribes, answered } = around
  const inboxId = addressed.inbox?.id ?? null
  const own = mail.messageId
  const isOwnId = ({ key }: Candidate) => key.via === 'reference' && key.rfcId === own
  const rule = ruleAgainst(rules, { from: sender, to: mail.to.map(({ address }) => address), subject: mail.subject })
  return {
    addressed,
    candidates,
    rule,
    answered,
    known: {
      kind: reading.kind,
      automatic,
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
      answersCampaign: answered?.name ?? null,
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
