import { Button } from '@mantine/core'
import { type CheckedLinks, type ContentChecks, checkCampaignLinks } from '../../src/api/endpoints/content.ts'
import type { CampaignId } from '../../src/campaigns/campaign.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { CheckLine } from './check-line.tsx'
import styles from './content.module.css'

type Link = ContentChecks['links'][number]
type Checked = CheckedLinks['links'][number]

interface Props {
  readonly campaignId: CampaignId
  readonly version: string
  readonly links: readonly Link[]
  readonly countedAt: string | null
}

/** What is wrong with links at sight; and, when asked, whether they lead somewhere. */
export function LinkChecks({ campaignId, version, links, countedAt }: Props) {
  const says = t.content.checks
  const because = whyNot(useMe(), 'campaigns.manage')
  const ask = useAction(checkCampaignLinks)
  const answers = ask.data?.links ?? []
  if (links.length === 0) return <CheckLine tone="ok">{says.noLinks}</CheckLine>
  const wrong = links.filter(({ problem }) => problem !== null)
  const led = answers.filter(({ state }) => state === 'ok').length
  return (
    <>
      {countedAt !== null && <CheckLine tone="ok">{says.countedAt(countedAt)}</CheckLine>}
      {wrong.map((link) => (
        <CheckLine key={link.url} tone={link.problem === 'not_encrypted' ? 'care' : 'bad'}>
          <Named link={link} /> {link.problem && says.linkProblems[link.problem]}
        </CheckLine>
      ))}
      {answers
        .filter(({ state }) => state === 'wrong' || state === 'unreachable' || state === 'guarded')
        .map((link) => (
          <CheckLine key={link.url} tone={link.state === 'guarded' ? 'care' : 'bad'} more={link.sentence}>
            <Named link={link} /> {says.linkStates[link.state]}
          </CheckLine>
        ))}
      <CheckLine
        tone="ok"
        more={
          <Button
            size="compact-xs"
            variant="default"
            className={styles.start ?? ''}
            loading={ask.isPending}
            disabled={because !== null}
            title={because ?? undefined}
            onClick={() => ask.mutate({ params: { id: campaignId, version } })}
          >
            {ask.isPending ? says.asking : says.askLinks}
          </Button>
        }
      >
        {ask.data ? says.linksOk(led) : says.links(links.length)}
      </CheckLine>
    </>
  )
}

function Named({ link: { url, text } }: { link: Pick<Checked, 'url' | 'text'> }) {
  return (
    <span title={url}>
      {text !== '' && `“${text}” `}
      <code>{url === '' ? t.content.checks.emptyLink : url.slice(0, 120)}</code>
    </span>
  )
}
