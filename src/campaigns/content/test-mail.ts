/** The mail of a campaign for somebody's own eyes: written as for a person, sent by itself, and counted nowhere. */
import { Refusal } from '../../errors.ts'
import type { ContactId } from '../../lib/ids.ts'
import type { Campaign } from '../campaign.ts'
import { authorOf } from '../compile.ts'
import { unsubscribeHeaders } from '../leaving/way-out.ts'
import { ownOfTest, previewDraft, type ReadDeps } from './preview.ts'

export const TEST_PREFIX = '[Test] '

export interface TestMail {
  readonly from: string
  readonly replyTo: readonly string[]
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
  readonly headers: Readonly<Record<string, string>>
}

/** Refuses what could not be sent to this person either, with the reason. Its links to leave lead to a page that changes nothing. */
export async function writeTest(deps: ReadDeps, campaign: Campaign, contactId: ContactId | null, now: Date): Promise<TestMail> {
  authorOf(campaign)
  const { texts, problems, sentence } = await previewDraft(deps, campaign, contactId, now)
  if (!texts) {
    const [first] = problems
    const why = first ? `${first.line === null ? '' : `Line ${first.line}: `}${first.sentence}` : (sentence ?? '')
    throw new Refusal('invalid_request', { why: `There is nothing to be sent: ${why}` })
  }
  const own = ownOfTest(deps.url)
  const headers = unsubscribeHeaders(deps.url, null).map(([name, { literals, places }]) => [
    name,
    literals.map((literal, i) => `${literal}${own[String(places[i])] ?? ''}`).join(''),
  ])
  return {
    from: campaign.sender,
    replyTo: campaign.replyTo === null ? [] : [campaign.replyTo],
    subject: `${TEST_PREFIX}${texts.subject}`.slice(0, 998),
    text: texts.text,
    html: texts.html,
    headers: Object.fromEntries(headers),
  }
}
