/** The mail of a campaign for somebody's own eyes: written as for a person, sent by itself, and counted nowhere. */
import { Refusal } from '../../errors.ts'
import type { ContactId } from '../../lib/ids.ts'
import { letterOf } from '../ab/ab-test.ts'
import type { Campaign } from '../campaign.ts'
import { authorOf } from '../compile.ts'
import { unsubscribeHeaders } from '../leaving/way-out.ts'
import { draftOf, ownOfTest, previewDraft, type ReadDeps } from './preview.ts'

export interface TestMail {
  readonly from: string
  readonly replyTo: readonly string[]
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
  readonly headers: Readonly<Record<string, string>>
  /** Its links are those of the campaign: what is followed is the test's own, and counts nowhere in the campaign. */
  readonly tracking: Campaign['tracking']
}

/** Refuses what could not be sent to this person either, with the reason. Its links to leave lead to a page that changes nothing. */
export async function writeTest(
  deps: ReadDeps,
  asked: Campaign,
  { version, contactId }: { readonly version: number; readonly contactId: ContactId | null },
  now: Date,
): Promise<TestMail> {
  const campaign = await draftOf(deps, asked, version)
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
    subject: `${prefixOf(asked, version)}${texts.subject}`.slice(0, 998),
    text: texts.text,
    html: texts.html,
    headers: Object.fromEntries(headers),
    tracking: campaign.tracking,
  }
}

/** Of several versions it says which. */
function prefixOf({ ab }: Campaign, version: number): string {
  return ab ? `[Test ${letterOf(version)}] ` : '[Test] '
}
